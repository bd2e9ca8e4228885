//! How large an image is, told by its first bytes.

use imagesize::{ImageError, ImageSize};

use super::told::Visit;
use crate::report::ProblemKind;

/// The guide's bounds of each side, in pixels.
const SIDE: std::ops::RangeInclusive<usize> = 300..=4000;

/// Looks at the first bytes; `whole` where there are no more.
pub fn judge(bytes: &[u8], whole: bool) -> Visit {
    match imagesize::blob_size(bytes) {
        Ok(ImageSize { width, height }) if SIDE.contains(&width) && SIDE.contains(&height) => Visit::Alive,
        Ok(ImageSize { width, height }) => Visit::Flawed(ProblemKind::ImageSize, format!("{width}×{height}")),
        // A JPEG with a long preface.
        Err(ImageError::IoError(_)) if !whole && imagesize::image_type(bytes).is_ok() => Visit::Alive,
        Err(_) => Visit::Flawed(ProblemKind::NotAnImage, String::new()),
    }
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A PNG as far as its size.
    pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
        let head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        [head.as_slice(), &width.to_be_bytes(), &height.to_be_bytes(), b"\x08\x02\0\0\0"].concat()
    }

    fn gif(width: u16, height: u16) -> Vec<u8> {
        [b"GIF89a".as_slice(), &width.to_le_bytes(), &height.to_le_bytes(), b"\0\0\0"].concat()
    }

    /// With an APP0 segment of `preface` bytes before the frame.
    fn jpeg(width: u16, height: u16, preface: u16) -> Vec<u8> {
        let app =
            [b"\xff\xd8\xff\xe0".as_slice(), &(preface + 2).to_be_bytes(), &vec![0; preface.into()]].concat();
        let frame = [b"\xff\xc0\0\x11\x08".as_slice(), &height.to_be_bytes(), &width.to_be_bytes()].concat();
        [app, frame, b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01".to_vec()].concat()
    }

    fn webp(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap();
        let riff = [b"RIFF".as_slice(), &(length + 12).to_le_bytes(), b"WEBP"].concat();
        [riff.as_slice(), kind, &length.to_le_bytes(), body, &[0; 16]].concat()
    }

    #[test]
    fn sides_of_300_to_4000_are_fine_in_every_format() {
        let lossy = |side: u16| {
            webp(
                b"VP8 ",
                &[b"\0\0\0\x9d\x01\x2a".as_slice(), &side.to_le_bytes(), &side.to_le_bytes()].concat(),
            )
        };
        let lossless = |side: u32| {
            let bits = (side - 1) | ((side - 1) << 14);
            webp(b"VP8L", &[b"\x2f".as_slice(), &bits.to_le_bytes()].concat())
        };
        let extended = |side: u32| {
            let side = &(side - 1).to_le_bytes()[..3];
            webp(b"VP8X", &[b"\0\0\0\0".as_slice(), side, side].concat())
        };
        for side in [299u16, 300, 4000, 4001] {
            let wide = u32::from(side);
            let expected = match side {
                300 | 4000 => Visit::Alive,
                _ => Visit::Flawed(ProblemKind::ImageSize, format!("{side}×{side}")),
            };
            for (what, bytes) in [
                ("PNG", png(wide, wide)),
                ("GIF", gif(side, side)),
                ("JPEG", jpeg(side, side, 14)),
                ("VP8", lossy(side)),
                ("VP8L", lossless(wide)),
                ("VP8X", extended(wide)),
            ] {
                assert_eq!(judge(&bytes, true), expected, "{what} {side}");
            }
        }
        assert_eq!(judge(&png(500, 200), true), Visit::Flawed(ProblemKind::ImageSize, "500×200".into()));
    }

    #[test]
    fn what_is_no_image_is_told_and_what_is_cut_off_by_us_is_not() {
        for bytes in [b"".as_slice(), b"<html>", b"\x89PN", b"%PDF-1.7 and more of it, far more", &[0; 64]] {
            assert_eq!(
                judge(bytes, true),
                Visit::Flawed(ProblemKind::NotAnImage, String::new()),
                "{bytes:?}"
            );
        }
        let long = jpeg(500, 500, 60_000);
        assert_eq!(judge(&long, true), Visit::Alive);
        assert_eq!(judge(&long[..30_000], false), Visit::Alive, "the size stands behind what was read");
        assert_eq!(
            judge(&long[..30_000], true),
            Visit::Flawed(ProblemKind::NotAnImage, String::new()),
            "the image itself is cut"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            head in prop::sample::select(vec![png(500, 500), gif(500, 500), jpeg(500, 500, 9), b"RIFF\0\0\0\0WEBPVP8X".to_vec()]),
            keep in 0usize..40,
            tail in prop::collection::vec(any::<u8>(), 0..80),
            whole in any::<bool>(),
        ) {
            let bytes = [&head[..keep.min(head.len())], &tail].concat();
            let _ = judge(&bytes, whole);
        }
    }
}
