//! Where the books are.

use std::path::PathBuf;

use heliu_store::PostgresAddress;
use heliu_trade::id::NODE_MAX;

use crate::config::option::section;
use crate::secret_file::read_private;

section! {
    /// Books
    Books from FileAndEnvironment {
        /// The data folder: heliu.db, keys, the lock. One process at a time holds it.
        data: PathBuf = PathBuf::from("data"),
        variable "HELIU_DATA",
        wants "a folder";

        /// A PostgreSQL that holds the books instead of heliu.db, for several nodes. The data
        /// folder then holds only this node's own things. All nodes need the same root key. A node
        /// holds up to 16 connections. sslmode=require means TLS, and checks the server's
        /// certificate and name against this machine's authorities. (Elsewhere that is called
        /// verify-full, which is taken too.) Without it nothing is encrypted. With several hosts,
        /// separated by commas, the writable one is used, also after a fail-over.
        database_url: Option<String> = None,
        variable "DATABASE_URL",
        example "\"postgres://heliu:secret@db.example.com:5432/heliu?sslmode=require\"",
        wants "an address, such as \"postgres://heliu@db.example.com/heliu\"";

        /// Instead of database_url: a file of mode 0600 with that address. An address with a
        /// password should be in no listing of an environment and in no file that others see.
        database_url_file: Option<PathBuf> = None,
        variable "DATABASE_URL_FILE",
        example "\"/etc/heliu/database.url\"",
        wants "a file's name";

        /// The authorities that may have issued the database's certificate, in place of this
        /// machine's. It is usually the database's own authority. A file of certificates in PEM
        /// form.
        database_ca_file: Option<PathBuf> = None,
        variable "HELIU_DATABASE_CA_FILE",
        example "\"/etc/heliu/database-ca.pem\"",
        wants "a file's name";

        /// This node's number, 0 to 63. It is part of every number that the node gives, so two
        /// nodes never give the same one. With a PostgreSQL each node leases its number there, and
        /// this option is not read.
        node: u8 = 0,
        variable "HELIU_NODE",
        wants "a whole number, 0 to 63";
    }
}

impl Books {
    /// The PostgreSQL with the books, if they are in one.
    pub(crate) fn database(&self) -> Option<PostgresAddress> {
        let url = self.database_url.clone()?;
        let ca_file = self.database_ca_file.clone();
        Some(PostgresAddress { url, ca_file })
    }

    /// Whether the node has a number that can be one.
    pub(in crate::config) fn check_node(&self) -> Result<(), String> {
        if self.node > NODE_MAX {
            return Err(format!("node {} is above {NODE_MAX}", self.node));
        }
        Ok(())
    }

    /// Takes the database's address from its file, if it stands in one.
    pub(in crate::config) fn read_database_url(&mut self) -> Result<(), String> {
        match (&self.database_url, &self.database_url_file) {
            (Some(_), Some(_)) => {
                Err(
                    "database_url and database_url_file are both set, and only one can hold: unset DATABASE_URL or \
                     DATABASE_URL_FILE"
                        .to_owned(),
                )
            }
            (None, Some(file)) => {
                let url = read_private(file).map_err(|failure| failure.to_string())?;
                self.database_url = Some(url);
                Ok(())
            }
            (_, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn an_address_may_stand_in_a_private_file_and_only_there() {
        let name = format!("heliu-database-{}.url", std::process::id());
        let file = std::env::temp_dir().join(name);
        std::fs::write(&file, "postgres://heliu:secret@db/heliu\n").expect("written");
        let mut books = Books {
            database_url_file: Some(file.clone()),
            ..Books::default()
        };
        let mut read_with_mode = |mode| {
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&file, permissions).expect("set");
            books.read_database_url()
        };
        let exposed = read_with_mode(0o644).expect_err("refused");
        assert!(exposed.contains("chmod 600"), "{exposed}");
        read_with_mode(0o600).expect("taken");
        let both = read_with_mode(0o600).expect_err("refused");
        assert!(both.contains("only one"), "{both}");
        std::fs::remove_file(&file).expect("removed");
        let url = books.database_url.as_deref();
        assert_eq!(url, Some("postgres://heliu:secret@db/heliu"));
    }
}
