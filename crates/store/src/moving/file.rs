//! The file in which books travel: JSON lines, compressed by zstd.
//!
//! ```text
//! {"heliu_books":1,"schema":1,"marks":{...},"high_water_second":N,"numbers":[N,N],"tables":[{"table":"merchant","columns":[...],"rows":N}, ...]}
//! {"table":"merchant"}
//! ["m1","a shop","","enabled"]
//! ...
//! {"journal":{"sum_fen":0,"turnover_fen":N}}
//! {"end":{"rows":N,"sha256":"of every byte before this line"}}
//! ```
//!
//! It is written and read from front to end, a line at a time. The digest finds what was cut off or
//! damaged on its way; it is no signature: whoever can write the file can write another digest.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};

use heliu_ports::store::StoreError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cell::Cell;

/// The form of the file.
const FORMAT: u32 = 1;
/// How hard zstd tries: about as fast as the rows come.
const LEVEL: i32 = 3;
/// The first bytes of whatever zstd compressed.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Longest line, in bytes: bodies of exchanges are a few MiB at most.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What stands at the head of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    heliu_books: u32,
    /// The version of the schema.
    pub schema: i64,
    /// What all who use these books must have alike, such as the mode and the root key's check
    /// value.
    pub marks: BTreeMap<String, String>,
    /// The highest second (from 2020-01-01 UTC) of any number that was given, by whatever node.
    pub high_water_second: i64,
    /// The lowest and the highest number of orders and exchanges.
    pub numbers: Option<(i64, i64)>,
    /// What follows, in this order.
    pub tables: Vec<TableHeader>,
}

impl Header {
    pub(crate) fn new(
        schema: i64,
        marks: BTreeMap<String, String>,
        high_water_second: i64,
        numbers: Option<(i64, i64)>,
        tables: Vec<TableHeader>,
    ) -> Self {
        Self {
            heliu_books: FORMAT,
            schema,
            marks,
            high_water_second,
            numbers,
            tables,
        }
    }

    /// How many rows follow.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// How many rows of a table follow.
    #[must_use]
    pub fn rows_of(&self, name: &str) -> u64 {
        let table = self.tables.iter().find(|table| table.table == name);
        table.map_or(0, |table| table.rows)
    }
}

/// A table of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHeader {
    /// Its name.
    pub table: String,
    /// The columns of each row.
    pub columns: Vec<String>,
    /// How many rows.
    pub rows: u64,
}

/// The journal in two figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// The sum of all lines, in fen: zero.
    pub sum_fen: i64,
    /// The sum of all amounts without their signs, in fen.
    pub turnover_fen: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Closing {
    rows: u64,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
struct TableLine<'t> {
    table: std::borrow::Cow<'t, str>,
}

#[derive(Serialize, Deserialize)]
struct JournalLine {
    journal: Journal,
}

#[derive(Serialize, Deserialize)]
struct ClosingLine {
    end: Closing,
}

/// Only the form, of whatever form the file is.
#[derive(Deserialize)]
struct FormatLine {
    heliu_books: u32,
}

/// Writes such a file.
pub(crate) struct Writer<W: Write> {
    out: zstd::Encoder<'static, W>,
    line: Vec<u8>,
    digest: Sha256,
    rows: u64,
}

impl<W: Write> Writer<W> {
    pub(crate) fn begin(out: W, header: &Header) -> Result<Self, StoreError> {
        let mut writer = Self {
            out: zstd::Encoder::new(out, LEVEL).map_err(unwritten)?,
            line: Vec::new(),
            digest: Sha256::new(),
            rows: 0,
        };
        writer.line(header)?;
        Ok(writer)
    }

    /// Begins a table. What was written so far leaves, so that whoever reads at the same time sees
    /// the head before the first row is there.
    pub(crate) fn table(&mut self, name: &str) -> Result<(), StoreError> {
        self.out.flush().map_err(unwritten)?;
        let table = name.into();
        self.line(&TableLine { table })
    }

    pub(crate) fn row(&mut self, row: &[Cell]) -> Result<(), StoreError> {
        self.rows += 1;
        self.line(&row)
    }

    /// Writes the end, and gives back what is under it.
    pub(crate) fn finish(mut self, journal: Journal) -> Result<W, StoreError> {
        self.line(&JournalLine { journal })?;
        let end = Closing {
            rows: self.rows,
            sha256: hex(&std::mem::take(&mut self.digest).finalize()),
        };
        self.line(&ClosingLine { end })?;
        let mut out = self.out.finish().map_err(unwritten)?;
        out.flush().map_err(unwritten)?;
        Ok(out)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), StoreError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value).map_err(|error| unwritten(error.into()))?;
        self.line.push(b'\n');
        self.digest.update(&self.line);
        self.out.write_all(&self.line).map_err(unwritten)
    }
}

fn unwritten(cause: std::io::Error) -> StoreError {
    StoreError::refused(format!("the export cannot be written: {cause}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Reads such a file.
pub struct BooksFile {
    header: Header,
    input: Box<dyn BufRead + Send>,
    line: Vec<u8>,
    digest: Sha256,
    rows: u64,
}

impl BooksFile {
    /// Reads the head. Blocks, as all reading here does.
    ///
    /// # Errors
    /// In plain words: this is no such file, or one of another form.
    pub fn open(input: impl Read + Send + 'static) -> Result<Self, StoreError> {
        let foreign =
            || StoreError::refused("this is not a file that heliu export wrote; name another one");
        let mut input = BufReader::new(input);
        let first = input.fill_buf().map_err(|_| cut_off())?;
        if !first.iter().zip(MAGIC).all(|(byte, magic)| *byte == magic) {
            return Err(foreign());
        }
        let input = zstd::Decoder::with_buffer(input).map_err(|_| foreign())?;
        let mut file = Self {
            header: Header::new(0, BTreeMap::new(), 0, None, Vec::new()),
            input: Box::new(BufReader::new(input)),
            line: Vec::new(),
            digest: Sha256::new(),
            rows: 0,
        };
        if !file.next_line().map_err(|cause| match cause.kind() {
            ErrorKind::UnexpectedEof => cut_off(),
            _ => altered(),
        })? {
            return Err(foreign());
        }
        let format: FormatLine = serde_json::from_slice(&file.line).map_err(|_| foreign())?;
        if format.heliu_books != FORMAT {
            return Err(StoreError::refused(format!(
                "this export has format {}, this program reads format {FORMAT}; import it with the version of \
                 heliu that wrote it, or export it anew with this one",
                format.heliu_books
            )));
        }
        file.header = serde_json::from_slice(&file.line).map_err(|_| altered())?;
        file.digest.update(&file.line);
        Ok(file)
    }

    /// What stands at the head.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Reads the line before a table's rows.
    pub(crate) fn table(&mut self, name: &str) -> Result<(), StoreError> {
        self.line()?;
        let line: TableLine<'_> = serde_json::from_slice(&self.line).map_err(|_| altered())?;
        if line.table == name {
            return Ok(());
        }
        Err(altered())
    }

    /// Reads a row of so many columns.
    pub(crate) fn row(&mut self, columns: usize) -> Result<Vec<Cell>, StoreError> {
        self.line()?;
        self.rows += 1;
        let row: Vec<Cell> = serde_json::from_slice(&self.line).map_err(|_| altered())?;
        if row.len() == columns {
            return Ok(row);
        }
        Err(altered())
    }

    /// Reads the end, and compares with it what was read.
    pub(crate) fn close(&mut self) -> Result<Journal, StoreError> {
        self.line()?;
        let told: JournalLine = serde_json::from_slice(&self.line).map_err(|_| altered())?;
        let digest = hex(&self.digest.finalize_reset());
        self.line()?;
        let closing: ClosingLine = serde_json::from_slice(&self.line).map_err(|_| altered())?;
        let Closing { rows, sha256 } = closing.end;
        let is_whole = sha256 == digest && rows == self.rows;
        if is_whole && !self.next_line().map_err(|_| altered())? {
            return Ok(told.journal);
        }
        Err(altered())
    }

    fn line(&mut self) -> Result<(), StoreError> {
        let is_there = self.next_line().map_err(|cause| match cause.kind() {
            ErrorKind::UnexpectedEof => cut_off(),
            _ => altered(),
        })?;
        if !is_there || self.line.last() != Some(&b'\n') {
            return Err(cut_off());
        }
        self.digest.update(&self.line);
        Ok(())
    }

    /// Whether there was one.
    fn next_line(&mut self) -> std::io::Result<bool> {
        self.line.clear();
        let mut input = (&mut self.input).take(LINE_BYTES_MAX);
        Ok(input.read_until(b'\n', &mut self.line)? > 0)
    }
}

fn cut_off() -> StoreError {
    StoreError::damaged(
        "the export ends before its end: copy the whole file, or export anew; nothing was imported",
    )
}

fn altered() -> StoreError {
    StoreError::damaged(
        "the export is not what heliu export wrote: it was damaged or altered on its way; copy it again, or \
         export anew; nothing was imported",
    )
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const JOURNAL: Journal = Journal {
        sum_fen: 0,
        turnover_fen: 17,
    };

    fn written(rows: u64) -> Vec<u8> {
        let table = TableHeader {
            table: "merchant".to_owned(),
            columns: vec!["merchant_id".to_owned(), "rank".to_owned()],
            rows,
        };
        let header = Header::new(1, BTreeMap::new(), 0, None, vec![table]);
        let mut writer = Writer::begin(Vec::new(), &header).expect("begun");
        writer.table("merchant").expect("written");
        for number in (0..).take(usize::try_from(rows).expect("few")) {
            let row = [Cell::Text(format!("商户 \u{0} {number}")), Cell::Null];
            writer.row(&row).expect("written");
        }
        writer.finish(JOURNAL).expect("finished")
    }

    fn read(bytes: Vec<u8>) -> Result<Journal, StoreError> {
        let mut file = BooksFile::open(Cursor::new(bytes))?;
        let rows = file.header().rows();
        file.table("merchant")?;
        for _ in 0..rows {
            file.row(2)?;
        }
        file.close()
    }

    fn plain(bytes: Vec<u8>) -> Vec<u8> {
        zstd::decode_all(Cursor::new(bytes)).expect("unpacked")
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(Cursor::new(bytes), LEVEL).expect("packed")
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(read(written(0)), Ok(JOURNAL));
        assert_eq!(read(written(1000)), Ok(JOURNAL));
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_refused() {
        let whole = written(50);
        for length in 0..whole.len() {
            let refused = read(whole.get(..length).expect("shorter").to_vec());
            refused.expect_err("cut off");
        }
        let text = plain(whole);
        for length in 0..text.len() {
            let refused = read(packed(text.get(..length).expect("shorter")));
            refused.expect_err("cut off, and packed anew");
        }
    }

    #[test]
    fn a_file_in_which_one_byte_is_another_is_refused() {
        let text = plain(written(5));
        for at in 0..text.len() {
            let mut altered = text.clone();
            altered[at] ^= 1;
            read(packed(&altered)).expect_err("altered");
        }
    }

    #[test]
    fn what_follows_the_end_is_refused() {
        let mut text = plain(written(5));
        text.extend(b"[]\n");
        read(packed(&text)).expect_err("longer");
        let mut bytes = written(5);
        bytes.extend(b"more");
        read(bytes).expect_err("longer");
    }

    #[test]
    fn other_files_and_other_forms_are_named() {
        let refusal = |bytes: Vec<u8>| read(bytes).expect_err("refused").to_string();
        assert!(refusal(b"a letter".to_vec()).contains("not a file that heliu export wrote"));
        assert!(refusal(packed(b"a letter\n")).contains("not a file that heliu export wrote"));
        assert!(refusal(packed(b"{\"heliu_books\":2}\n")).contains("format 2"));
    }
}
