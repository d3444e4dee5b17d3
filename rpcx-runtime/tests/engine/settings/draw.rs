//! Values for settings: the smallest, the largest, and absurd ones.

use std::time::Duration;

/// A choice for each setting; where there are none left, the default stays. So a case that fails shrinks to the
/// settings that it takes.
pub(super) struct Draw<'a>(std::slice::Iter<'a, u8>);

impl<'a> Draw<'a> {
    pub(super) fn new(choices: &'a [u8]) -> Self {
        Self(choices.iter())
    }

    /// One in two is left as it is.
    fn choice<T: Copy>(&mut self, values: &[T]) -> Option<T> {
        let choice = usize::from(*self.0.next()?);
        values.get(choice % (2 * values.len())).copied()
    }

    pub(super) fn yes(&mut self) -> bool {
        self.choice(&[true]).is_some()
    }

    pub(super) fn time(&mut self, setting: &mut Duration) {
        const LARGE: Duration = Duration::MAX.checked_sub(Duration::from_nanos(1)).unwrap();
        let values = [
            Duration::MAX,
            Duration::ZERO,
            Duration::from_nanos(1),
            Duration::from_millis(1),
            Duration::from_millis(u64::MAX),
            LARGE,
            Duration::from_secs(1 << 31),
            Duration::from_secs(i64::MAX as u64),
        ];
        *setting = self.choice(&values).unwrap_or(*setting);
    }

    pub(super) fn any_time(&mut self) -> Duration {
        let mut time = Duration::from_millis(250);
        self.time(&mut time);
        time
    }

    pub(super) fn size(&mut self, setting: &mut usize) {
        let values = [
            usize::MAX,
            0,
            1,
            2,
            17,
            1 << 12,
            isize::MAX as usize,
            u32::MAX as usize,
            usize::MAX - 1,
        ];
        *setting = self.choice(&values).unwrap_or(*setting);
    }

    pub(super) fn any_size(&mut self) -> usize {
        let mut size = 100;
        self.size(&mut size);
        size
    }

    pub(super) fn count(&mut self, setting: &mut u32) {
        *setting = self
            .choice(&[u32::MAX, 0, 1, 2, u32::MAX - 1])
            .unwrap_or(*setting);
    }

    pub(super) fn any_count(&mut self) -> u32 {
        let mut count = 3;
        self.count(&mut count);
        count
    }

    pub(super) fn small(&mut self, setting: &mut u16) {
        *setting = self.choice(&[u16::MAX, 0, 1, 1 << 15]).unwrap_or(*setting);
    }

    pub(super) fn any_share(&mut self) -> f64 {
        let values = [
            f64::MAX,
            0.0,
            -1.0,
            1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
            1e300,
        ];
        self.choice(&values).unwrap_or(0.5)
    }
}
