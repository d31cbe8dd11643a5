//! `heliu migrate`: the books' schema is brought to this program's, or looked at.

use heliu_store::Place;
use heliu_store::schema::Schema;

use super::{Found, find};
use crate::books_store::no_books_in_folder;
use crate::config::Config;
use crate::failure::Failure;

/// Says what would be done; a failure if there is something.
pub(crate) async fn look(config: &Config) -> Result<String, Failure> {
    let Found { place, held: _held } = find(config).await?;
    let schema = schema(&place).await?;
    let known = place.known_schema();
    match schema.version {
        version if version >= known => Ok(nothing_to_do(version, known)),
        0 => Err(Failure::with_cure(
            format!("there are no books yet; they would be made with schema {known}"),
            "heliu migrate, or start a node",
        )),
        version => Err(Failure::with_cure(
            format!("the books have schema {version} and would be brought to {known}"),
            "heliu migrate, or start a node of this version",
        )),
    }
}

/// Does it.
pub(crate) async fn run(config: &Config) -> Result<String, Failure> {
    let Found { place, held } = find(config).await?;
    let schema = schema(&place).await?;
    let known = place.known_schema();
    if schema.version >= known {
        return Ok(nothing_to_do(schema.version, known));
    }
    if matches!(place, Place::Sqlite(_)) && held.is_none() {
        return Err(served(config));
    }
    let migrated = place.migrate().await?;
    Ok(match migrated.from {
        0 => format!("the books were made, with schema {}", migrated.to),
        from if from == migrated.to => nothing_to_do(from, known),
        from => format!(
            "the books were brought from schema {from} to {}",
            migrated.to
        ),
    })
}

async fn schema(place: &Place) -> Result<Schema, Failure> {
    if let Place::Sqlite(path) = place
        && !path.exists()
    {
        return Err(no_books_in_folder());
    }
    let schema = place.schema().await?;
    place.admit(schema)?;
    Ok(schema)
}

fn nothing_to_do(version: i64, known: i64) -> String {
    if version == known {
        return format!("nothing to do: the books have schema {version}, this program's own");
    }
    format!(
        "nothing to do: the books have schema {version}, this program's own is {known}, and it works on both"
    )
}

fn served(config: &Config) -> Failure {
    Failure::with_cure(
        format!(
            "the data folder {} is served by an older heliu process, and its books cannot change under it",
            config.books.data.display()
        ),
        "stop that process, then start the new version, which migrates, or run heliu migrate",
    )
}
