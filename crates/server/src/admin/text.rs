//! Tables for the terminal.

use crate::terminal::escaped_line;

/// Columns padded to their widest cell, two blanks between; wide characters count double.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let shown = |row: &Vec<String>| {
        row.iter()
            .map(|cell| escaped_line(cell).into_owned())
            .collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
    let mut widths: Vec<usize> = header.iter().map(|cell| width(cell)).collect();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            if let Some(widest) = widths.get_mut(column) {
                *widest = (*widest).max(width(cell));
            }
        }
    }
    let head: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let lines = std::iter::once(&head).chain(&rows).map(|row| {
        let cells = row.iter().zip(&widths).map(|(cell, widest)| {
            format!("{cell}{}", " ".repeat(widest.saturating_sub(width(cell))))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn width(text: &str) -> usize {
    text.chars()
        .map(|character| if character < '\u{1100}' { 1 } else { 2 })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_line_up_also_under_chinese_names() {
        let rows = [
            vec!["m1".to_owned(), "咖啡店".to_owned(), "x".to_owned()],
            vec!["m20".to_owned(), "tea".to_owned(), "y".to_owned()],
        ];
        assert_eq!(
            table(&["id", "name", "n"], &rows),
            "id   name    n\nm1   咖啡店  x\nm20  tea     y"
        );
    }
}
