//! What an option is: declared once, in the file of its section, with everything that people and
//! readers need to know about it.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Value;

/// An option as it is declared.
#[derive(Debug)]
pub(super) struct Declared {
    /// As it stands in the file.
    pub(super) name: &'static str,
    /// The variable that wins over the file; empty if it has none.
    pub(super) variable: &'static str,
    /// Where it may be set.
    pub(super) source: Source,
    /// What it wants, with its unit, for people who gave something else.
    pub(super) wants: &'static str,
    /// What it means, for people: the lines of its doc comment.
    pub(super) meaning: &'static [&'static str],
    /// A value in TOML for the reference; empty if the default is shown there.
    pub(super) example: &'static str,
}

impl Declared {
    /// Whether the file may hold an option of this name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.source == Source::FileAndEnvironment && self.name == name
    }
}

/// Where an option may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// In the file and, if it has a variable, in the environment.
    FileAndEnvironment,
    /// In the environment alone.
    Environment,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody has set it.
    Default,
    /// From this file.
    File(PathBuf),
    /// From this variable.
    Environment(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => form.write_str("default"),
            Self::File(path) => write!(form, "file {}", path.display()),
            Self::Environment(variable) => write!(form, "environment {variable}"),
        }
    }
}

/// The value of an option.
pub(super) trait Setting {
    /// Takes a value if it has the right form; whether it has.
    fn set(&mut self, value: Value) -> bool;

    /// What it holds, as TOML has it; nothing if it is not set.
    fn get(&self) -> Option<Value>;
}

impl<T: Serialize + DeserializeOwned> Setting for T {
    fn set(&mut self, value: Value) -> bool {
        match value.try_into() {
            Ok(value) => {
                *self = value;
                true
            }
            Err(_) => false,
        }
    }

    fn get(&self) -> Option<Value> {
        // TOML has no word for nothing, which is an error here.
        Value::try_from(self).ok()
    }
}

/// An option and the place of its value.
pub(super) struct Slot<'c> {
    /// What is declared.
    pub(super) option: &'static Declared,
    /// Its value.
    pub(super) setting: &'c mut dyn Setting,
    /// Where the value comes from.
    pub(super) origin: Origin,
}

impl<'c> Slot<'c> {
    /// An option that nobody has set yet.
    pub(super) fn new(option: &'static Declared, setting: &'c mut dyn Setting) -> Self {
        Self {
            option,
            setting,
            origin: Origin::Default,
        }
    }

    /// Takes the first of `values` that has the right form; whether there is one.
    pub(super) fn take(&mut self, values: impl IntoIterator<Item = Value>, from: Origin) -> bool {
        let is_taken = values.into_iter().any(|value| self.setting.set(value));
        if is_taken {
            self.origin = from;
        }
        is_taken
    }
}

/// The options that belong together, in the order of the reference.
pub(super) struct Section<'c> {
    /// What it is about: the lines of its doc comment.
    pub(super) title: &'static [&'static str],
    /// Its options.
    pub(super) slots: Vec<Slot<'c>>,
}

/// Declares a section: its structure, the defaults, and all that [`Declared`] holds. The comment of
/// an option is also its text in the reference.
macro_rules! section {
    (
        $(#[doc = $title:literal])+
        $section:ident from $source:ident {
            $(
                $(#[doc = $meaning:literal])+
                $name:ident: $type:ty = $default:expr,
                $(variable $variable:literal,)?
                $(example $example:literal,)?
                wants $wants:literal;
            )+
        }
    ) => {
        $(#[doc = $title])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub(crate) struct $section {
            $(
                $(#[doc = $meaning])+
                pub(crate) $name: $type,
            )+
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl $section {
            /// Its options, and where their values are.
            pub(in crate::config) fn section(&mut self) -> $crate::config::option::Section<'_> {
                use $crate::config::option::{Declared, Section, Slot, Source};

                let slots = vec![$({
                    const DECLARED: Declared = Declared {
                        name: stringify!($name),
                        variable: concat!($($variable)?),
                        source: Source::$source,
                        wants: $wants,
                        meaning: &[$($meaning),+],
                        example: concat!($($example)?),
                    };
                    Slot::new(&DECLARED, &mut self.$name)
                }),+];
                Section { title: &[$($title),+], slots }
            }
        }
    };
}

pub(super) use section;
