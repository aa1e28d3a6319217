//! Which steps of a long path on a surface are recorded: all of them would take gigabytes, and nothing would show them.

/// Up to so many, all steps are recorded. A power of two.
pub const ALL_RECORDED: usize = 4096;

/// Whether step `number` of a path is recorded, or evaluation `number`, counted from 0: up to 4,096 all of them, from there up to
/// twice as many every 2nd, up to four times as many every 4th, and so on. So a number is known to less than 1 part in 2,048 whatever its
/// size, and what is recorded first does not depend on the length of the whole.
pub fn is_recorded(number: usize) -> bool {
    number.is_multiple_of(number.div_ceil(ALL_RECORDED).next_power_of_two())
}

/// How many of the numbers from 0 to `last` are recorded.
pub fn recorded(last: usize) -> usize {
    let (mut count, mut first, mut apart) = (1, 0, 1);
    while first < last {
        let end = last.min(ALL_RECORDED * apart);
        count += (end - first) / apart;
        (first, apart) = (end, 2 * apart);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_gets_sparser_and_never_stops() {
        assert!((0..=4096).all(is_recorded));
        let between =
            |range: std::ops::RangeInclusive<usize>| range.filter(|&number| is_recorded(number)).collect::<Vec<_>>();
        assert_eq!(between(4095..=4101), [4095, 4096, 4098, 4100]);
        assert_eq!(between(8189..=8201), [8190, 8192, 8196, 8200]);
        // Every 256th between 2¹⁹ and 2²⁰.
        assert_eq!(between(999_900..=1_000_400), [999_936, 1_000_192]);
        for last in [0, 1, 4095, 4096, 4097, 4098, 8191, 8192, 8193, 100_000, 1_000_000] {
            assert_eq!(recorded(last), between(0..=last).len(), "{last}");
        }
        assert!(recorded(u32::MAX as usize) < 50_000);
    }
}
