//! Pictures of tracks and people: decoded within bounds, turned upright, made small, and written anew, so
//! that nothing of the file itself is passed on.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage,
    codecs::jpeg::JpegEncoder, error::LimitErrorKind, imageops::FilterType,
};
use serde::{Deserialize, Serialize};

use crate::refusal::{Failure, Refusal, survived};

/// The longest side of a large picture, in pixels.
pub const LARGE: u32 = 1200;
/// The longest side of a small one.
pub const SMALL: u32 = 300;
/// The quality of a JPEG, of 100.
const QUALITY: u8 = 85;

/// What pictures may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The longest side, in pixels.
    pub side: u32,
    /// The most pixels.
    pub pixels: u64,
    /// The most memory for decoding, in bytes.
    pub memory: u64,
}

impl Default for Limits {
    /// 40 million pixels, more than telephones take, of at most 8 bytes.
    fn default() -> Self {
        Self {
            side: 16_384,
            pixels: 40_000_000,
            memory: 384 * 1024 * 1024,
        }
    }
}

/// A picture as it is shown: a JPEG.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A picture in its two sizes.
#[derive(Clone, PartialEq, Eq)]
pub struct Pictures {
    /// At most [`LARGE`] on each side.
    pub large: Picture,
    /// At most [`SMALL`] on each side.
    pub small: Picture,
}

/// Reads a picture: JPEG, PNG, WebP or GIF, by its content; of what moves, what is seen first.
///
/// # Errors
/// When it is none, damaged or beyond a limit, or cannot be read.
pub fn read<R: BufRead + Seek>(source: R, limits: &Limits) -> Result<Pictures, Failure> {
    survived(|| read_unguarded(source, limits))
}

fn read_unguarded<R: BufRead + Seek>(mut source: R, limits: &Limits) -> Result<Pictures, Failure> {
    let format = sniff(&mut source)?;
    let mut reader = ImageReader::with_format(source, format);
    let mut bounds = image::Limits::default();
    bounds.max_image_width = Some(limits.side);
    bounds.max_image_height = Some(limits.side);
    bounds.max_alloc = Some(limits.memory);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width).saturating_mul(u64::from(height));
    if pixels > limits.pixels || decoder.total_bytes() > limits.memory {
        return Err(Refusal::TooManyPixels.into());
    }
    // Where it is damaged, a picture is shown as it lies.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture = shrunk(picture, LARGE);
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let large = flattened(&picture);
    let small = shrunk(DynamicImage::ImageRgb8(large.clone()), SMALL).into_rgb8();
    Ok(Pictures {
        large: written(&large)?,
        small: written(&small)?,
    })
}

fn sniff<R: Read + Seek>(source: &mut R) -> Result<ImageFormat, Failure> {
    let mut head = Vec::with_capacity(32);
    Read::by_ref(source).take(32).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    if head.is_empty() {
        return Err(Refusal::Empty.into());
    }
    match image::guess_format(&head) {
        Ok(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif),
        ) => Ok(format),
        _ => Err(Refusal::UnsupportedImage.into()),
    }
}

/// The same at most so large. In two steps, since a good filter over all of a large picture would take
/// several times its memory.
fn shrunk(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width() <= side && picture.height() <= side {
        return picture;
    }
    let twice = side.saturating_mul(2);
    let near = if picture.width() > twice || picture.height() > twice {
        picture.thumbnail(twice, twice)
    } else {
        picture
    };
    near.resize(side, side, FilterType::Lanczos3)
}

/// The same without transparency: on white, as pages are.
fn flattened(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    let mut flat = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in flat.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = from.0;
        to.0 = [red, green, blue].map(|color| over_white(color, alpha));
    }
    flat
}

fn over_white(color: u8, alpha: u8) -> u8 {
    let (color, alpha) = (u32::from(color), u32::from(alpha));
    let behind = 255_u32.saturating_sub(alpha).saturating_mul(255);
    let mixed = color.saturating_mul(alpha).saturating_add(behind);
    u8::try_from(mixed.saturating_add(127) / 255).unwrap_or(u8::MAX)
}

fn written(picture: &RgbImage) -> Result<Picture, Failure> {
    let mut bytes = Cursor::new(Vec::new());
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(picture)
        .map_err(|error| Failure::System(std::io::Error::other(error)))?;
    Ok(Picture {
        width: picture.width(),
        height: picture.height(),
        bytes: bytes.into_inner(),
    })
}

fn refused(error: ImageError) -> Failure {
    match error {
        ImageError::Limits(limit) => match limit.kind() {
            LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory => {
                Refusal::TooManyPixels.into()
            }
            _ => Refusal::Damaged.into(),
        },
        ImageError::Unsupported(_) => Refusal::UnsupportedImage.into(),
        // All bytes are at hand: what cannot be read is not there.
        _ => Refusal::Damaged.into(),
    }
}

#[cfg(test)]
mod tests;
