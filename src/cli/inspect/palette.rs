//! Colours and shades for a cosine: blue for opposite, white for unrelated, red for alike.

/// A colour as red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub(super) u8, pub(super) u8, pub(super) u8);

const OPPOSITE: Rgb = Rgb(0x21, 0x66, 0xac);
pub(super) const UNRELATED: Rgb = Rgb(0xf7, 0xf7, 0xf7);
const ALIKE: Rgb = Rgb(0xb2, 0x18, 0x2b);
/// For what is not known.
pub(super) const UNKNOWN: Rgb = Rgb(0xbd, 0xbd, 0xbd);

impl Rgb {
    pub(super) fn of(cosine: f64) -> Self {
        if cosine.is_nan() {
            return UNKNOWN;
        }
        let end = if cosine < 0.0 { OPPOSITE } else { ALIKE };
        let mix = |from: u8, to: u8| blend(from, to, cosine.abs());
        Self(mix(UNRELATED.0, end.0), mix(UNRELATED.1, end.1), mix(UNRELATED.2, end.2))
    }

    /// Whether dark letters can be read on it.
    pub(super) fn is_light(self) -> bool {
        let Self(red, green, blue) = self;
        299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue) > 140_000
    }

    /// The nearest of the 216 colours that a terminal of 256 has in a cube.
    pub(super) fn of_256(self) -> u8 {
        let step = |part: u8| match part {
            0..48 => 0,
            48..115 => 1,
            _ => (part - 35) / 40,
        };
        16 + 36 * step(self.0) + 6 * step(self.1) + step(self.2)
    }

    pub(super) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

fn blend(from: u8, to: u8, part: f64) -> u8 {
    let value = f64::from(from) + (f64::from(to) - f64::from(from)) * part.clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between the two")]
    let value = value.round() as u8;
    value
}

/// The same without colour: the further from unrelated, the darker; opposite ones are drawn with minus signs.
pub(super) fn shade(cosine: f64) -> char {
    match cosine {
        _ if cosine.is_nan() => '?',
        _ if cosine < -0.25 => '-',
        _ if cosine < 0.25 => '·',
        _ if cosine < 0.5 => '░',
        _ if cosine < 0.75 => '▒',
        _ if cosine < 0.95 => '▓',
        _ => '█',
    }
}

/// What the shades mean.
pub(super) const SHADES: &str =
    "- below -0.25   · around 0   ░ from 0.25   ▒ from 0.5   ▓ from 0.75   █ from 0.95   ? undefined";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_and_the_middle_have_their_colours() {
        assert_eq!([-1.0, 0.0, 1.0].map(Rgb::of), [OPPOSITE, UNRELATED, ALIKE]);
        assert_eq!(Rgb::of(f64::NAN), UNKNOWN);
        assert_eq!(Rgb(0xff, 0xff, 0xff).of_256(), 231);
        assert_eq!(Rgb(0, 0, 0).of_256(), 16);
        assert!(UNRELATED.is_light() && !ALIKE.is_light());
    }
}
