//! A QR code as a picture, or drawn into a page.

use png::{BitDepth, ColorType, Encoder, EncodingError};
use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels of one module.
const MODULE_PIXELS: u32 = 8;
/// White modules around the code, without which scanners miss it.
const QUIET_MODULES: u32 = 4;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoImage {
    /// The content does not fit into a QR code.
    #[error("the content cannot be a QR code: {0}")]
    Content(#[from] qrcode::types::QrError),
    /// The picture cannot be written.
    #[error("the picture cannot be written: {0}")]
    Encoding(#[from] EncodingError),
}

/// The PNG of a code's content: black on white, one bit a pixel.
pub(crate) fn png(content: &str) -> Result<Vec<u8>, NoImage> {
    let code = QrCode::with_error_correction_level(content, EcLevel::M)?;
    let modules = u32::try_from(code.width()).unwrap_or(u32::MAX);
    let side = (modules + 2 * QUIET_MODULES) * MODULE_PIXELS;
    let mut pixels = Vec::new();
    for y in 0..side {
        let row = (0..side).map(|x| is_dark(&code, modules, x, y));
        pixels.extend(packed(row));
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// The code of a content as an element of a page; its border is part of it.
pub(crate) fn svg(content: &str) -> Result<String, NoImage> {
    let code = QrCode::with_error_correction_level(content, EcLevel::M)?;
    let drawn = code.render::<svg::Color<'_>>().build();
    // The library makes a file of its own, which begins with a declaration.
    let element = drawn.find("<svg").and_then(|at| drawn.get(at..));
    Ok(element.unwrap_or_default().to_owned())
}

fn is_dark(code: &QrCode, modules: u32, x: u32, y: u32) -> bool {
    let module = |at: u32| {
        (at / MODULE_PIXELS)
            .checked_sub(QUIET_MODULES)
            .filter(|at| *at < modules)
            .and_then(|at| usize::try_from(at).ok())
    };
    match (module(x), module(y)) {
        (Some(x), Some(y)) => code[(x, y)] == Color::Dark,
        _ => false,
    }
}

/// Eight pixels a byte, the first one highest; white is 1.
fn packed(row: impl Iterator<Item = bool>) -> Vec<u8> {
    let pixels: Vec<bool> = row.collect();
    pixels
        .chunks(8)
        .map(|chunk| {
            chunk
                .iter()
                .enumerate()
                .fold(0, |byte, (bit, dark)| byte | (u8::from(!dark) << (7 - bit)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_shows_the_code_with_a_quiet_border() {
        let content = "weixin://wxpay/bizpayurl?pr=DEMO0005";
        let bytes = png(content).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let code = QrCode::with_error_correction_level(content, EcLevel::M).unwrap();
        let side = (u32::try_from(code.width()).unwrap() + 8) * 8;
        assert_eq!((info.width, info.height), (side, side));
        let is_white =
            |x: usize, y: usize| pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) != 0;
        assert!(is_white(0, 0) && is_white(31, 40) && is_white(40, 31));
        for y in 0..code.width() {
            for x in 0..code.width() {
                let dark = code[(x, y)] == Color::Dark;
                assert_eq!(is_white(32 + x * 8 + 3, 32 + y * 8 + 5), !dark, "{x} {y}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let content = "x".repeat(4000);
        assert!(png(&content).is_err() && svg(&content).is_err());
    }

    #[test]
    fn a_code_in_a_page_is_one_element() {
        let element = svg("http://127.0.0.1/page?order=1").unwrap();
        assert!(element.starts_with("<svg") && element.ends_with("</svg>"));
    }
}
