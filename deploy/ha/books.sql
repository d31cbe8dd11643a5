-- The database of heliu and its user, once, at the leader:
--   psql -h LEADER -U postgres -v password=SECRET -f books.sql postgres
CREATE ROLE heliu LOGIN PASSWORD :'password';
CREATE DATABASE heliu OWNER heliu;
