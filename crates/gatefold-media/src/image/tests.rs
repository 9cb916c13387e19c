//! Pictures in every format, turned, transparent, too large and broken.

use ::image::{
    ExtendedColorType, ImageEncoder, Rgb, Rgba, RgbaImage,
    codecs::{gif::GifEncoder, jpeg::JpegEncoder as Encoder, png::PngEncoder},
};

use super::*;

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        if x < width / 2 {
            Rgb([220, 20, 20])
        } else {
            Rgb([20, 20, 220])
        }
    })
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn decoded(picture: &Picture) -> RgbImage {
    let image = ::image::load_from_memory_with_format(&picture.bytes, ImageFormat::Jpeg).unwrap();
    assert_eq!(
        (image.width(), image.height()),
        (picture.width, picture.height)
    );
    image.into_rgb8()
}

fn read_within(bytes: &[u8], limits: &Limits) -> Result<Pictures, Refusal> {
    match read(Cursor::new(bytes), limits) {
        Ok(pictures) => Ok(pictures),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(Failure::System(error)) => panic!("{error}"),
    }
}

fn is_red(pixel: Rgb<u8>) -> bool {
    pixel.0[0] > 180 && pixel.0[2] < 80
}

fn is_blue(pixel: Rgb<u8>) -> bool {
    pixel.0[2] > 180 && pixel.0[0] < 80
}

#[test]
fn every_format_becomes_jpeg_in_two_sizes() {
    let picture = DynamicImage::ImageRgb8(halves(1500, 600));
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let bytes = encoded(&picture, format);
        let pictures = read_within(&bytes, &Limits::default())
            .unwrap_or_else(|refusal| panic!("{format:?}: {refusal}"));
        for (picture, width, height) in [(&pictures.large, 1200, 480), (&pictures.small, 300, 120)]
        {
            let image = decoded(picture);
            assert_eq!(image.dimensions(), (width, height), "{format:?}");
            assert!(
                is_red(*image.get_pixel(width / 8, height / 2)),
                "{format:?}"
            );
            assert!(
                is_blue(*image.get_pixel(width - width / 8, height / 2)),
                "{format:?}"
            );
        }
    }
}

#[test]
fn a_small_picture_is_not_made_larger() {
    let bytes = encoded(&DynamicImage::ImageRgb8(halves(10, 7)), ImageFormat::Png);
    let pictures = read_within(&bytes, &Limits::default()).unwrap();
    for picture in [&pictures.large, &pictures.small] {
        assert_eq!(decoded(picture).dimensions(), (10, 7));
    }
}

/// Exif that says how a picture is to be turned.
fn turned(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif
}

#[test]
fn pictures_are_turned_upright_and_tell_nothing_else() {
    let picture = halves(40, 20);
    for (orientation, size, red) in [
        (1, (40, 20), (5, 10)),
        (2, (40, 20), (35, 10)),
        (3, (40, 20), (35, 10)),
        (6, (20, 40), (10, 5)),
        (8, (20, 40), (10, 35)),
    ] {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new_with_quality(&mut bytes, 95);
        encoder.set_exif_metadata(turned(orientation)).unwrap();
        encoder.encode_image(&picture).unwrap();
        let pictures = read_within(&bytes, &Limits::default()).unwrap();
        let image = decoded(&pictures.large);
        assert_eq!(image.dimensions(), size, "{orientation}");
        assert!(is_red(*image.get_pixel(red.0, red.1)), "{orientation}");
        let has = |what: &[u8]| {
            pictures
                .large
                .bytes
                .windows(what.len())
                .any(|part| part == what)
        };
        assert!(!has(b"Exif") && !has(b"II*\0"), "{orientation}");
    }
}

#[test]
fn what_is_transparent_is_white() {
    let glass = RgbaImage::from_fn(16, 16, |x, _| Rgba([0, 0, 0, if x < 8 { 0 } else { 255 }]));
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(&glass, 16, 16, ExtendedColorType::Rgba8)
        .unwrap();
    let pictures = read_within(&bytes, &Limits::default()).unwrap();
    let image = decoded(&pictures.large);
    assert!(image.get_pixel(2, 8).0.iter().all(|color| *color > 240));
    assert!(image.get_pixel(13, 8).0.iter().all(|color| *color < 15));
}

#[test]
fn of_what_moves_the_first_is_kept() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for color in [[220, 20, 20, 255], [20, 20, 220, 255]] {
        let frame = RgbaImage::from_pixel(16, 16, Rgba(color));
        encoder.encode_frame(::image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let pictures = read_within(&bytes, &Limits::default()).unwrap();
    assert!(is_red(*decoded(&pictures.large).get_pixel(8, 8)));
}

#[test]
fn what_is_too_large_is_refused_before_it_is_decoded() {
    // A head alone: 60,000 by 60,000.
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0".to_vec();
    bomb.extend(crc(bomb.get(12..).unwrap()).to_be_bytes());
    bomb.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    assert_eq!(
        read_within(&bomb, &Limits::default()).err(),
        Some(Refusal::TooManyPixels)
    );
    let gif = b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\0;";
    assert_eq!(
        read_within(gif, &Limits::default()).err(),
        Some(Refusal::TooManyPixels)
    );
    let picture = encoded(
        &DynamicImage::ImageRgb8(halves(100, 100)),
        ImageFormat::WebP,
    );
    for limits in [
        Limits {
            side: 99,
            ..Limits::default()
        },
        Limits {
            pixels: 9_999,
            ..Limits::default()
        },
        Limits {
            memory: 29_999,
            ..Limits::default()
        },
    ] {
        assert_eq!(
            read_within(&picture, &limits).err(),
            Some(Refusal::TooManyPixels),
            "{limits:?}"
        );
    }
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

#[test]
fn what_is_no_picture_is_refused() {
    let png = encoded(&DynamicImage::ImageRgb8(halves(64, 64)), ImageFormat::Png);
    let half = png.get(..png.len() / 2).unwrap();
    for (bytes, refusal) in [
        (&b""[..], Refusal::Empty),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            Refusal::UnsupportedImage,
        ),
        (b"BM\0\0\0\0", Refusal::UnsupportedImage),
        (b"\xFF\xD8\xFF\xE0", Refusal::Damaged),
        (half, Refusal::Damaged),
    ] {
        assert_eq!(read_within(bytes, &Limits::default()).err(), Some(refusal));
    }
}
