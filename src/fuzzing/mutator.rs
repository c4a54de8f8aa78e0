//! Mutations of bytes, the same for the same seed on every machine.

/// Numbers that readers trip over, the least significant byte first.
const NUMBERS: [u64; 8] = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, u64::MAX];

/// Small numbers that look random, and what they do to bytes.
#[derive(Debug, Clone)]
pub struct Mutator {
    state: u64,
    words: Vec<Vec<u8>>,
    most: usize,
}

impl Mutator {
    /// A mutator that puts in these words now and then, and makes nothing longer than `most` bytes.
    #[must_use]
    pub fn new(seed: u64, words: impl IntoIterator<Item = Vec<u8>>, most: usize) -> Self {
        Self { state: seed, words: words.into_iter().collect(), most }
    }

    /// A number from 0 up to, not including, `sides`; 0 where there are none.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.state >> 33).unwrap_or_default().checked_rem(sides).unwrap_or_default()
    }

    /// Changes bytes in one to eight places; `other` gives pieces to put in.
    pub fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..=self.roll(8) {
            self.change(bytes, other);
        }
        bytes.truncate(self.most);
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.roll(bytes.len().saturating_add(1));
        let length = self.roll(16).min(bytes.len().saturating_sub(at));
        let end = at.saturating_add(length);
        let piece: Vec<u8> = match self.roll(9) {
            0 => bytes.get(at).map(|byte| byte ^ (1 << self.roll(8))).into_iter().collect(),
            1 => vec![u8::try_from(self.roll(256)).unwrap_or_default()],
            2 => Vec::new(),
            3 => self.number(),
            4 => self.word(),
            5 => self.part(&bytes.clone(), 64),
            6 => self.part(other, 256),
            7 => bytes.get(at..end).unwrap_or_default().repeat(self.roll(20)),
            _ if self.roll(8) == 0 => {
                bytes.truncate(at);
                return;
            }
            _ => {
                // Two places change their bytes.
                let there = self.roll(bytes.len());
                if at < bytes.len() {
                    bytes.swap(at, there);
                }
                return;
            }
        };
        // A piece replaces as much as it has, or is put in between.
        let replaced = if self.roll(2) == 0 { piece.len() } else { self.roll(4) };
        bytes.splice(at..at.saturating_add(replaced).min(bytes.len()), piece);
    }

    fn number(&mut self) -> Vec<u8> {
        let number = NUMBERS.get(self.roll(NUMBERS.len())).copied().unwrap_or_default();
        let width = 1_usize << self.roll(4);
        number.to_le_bytes().get(..width).unwrap_or_default().to_vec()
    }

    fn word(&mut self) -> Vec<u8> {
        let index = self.roll(self.words.len());
        self.words.get(index).cloned().unwrap_or_default()
    }

    fn part(&mut self, of: &[u8], most: usize) -> Vec<u8> {
        let start = self.roll(of.len());
        let end = start.saturating_add(self.roll(most)).min(of.len());
        of.get(start..end).unwrap_or_default().to_vec()
    }
}
