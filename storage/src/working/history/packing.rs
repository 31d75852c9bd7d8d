//! How a state is packed: compressed, and told as what differs from an earlier one.
//!
//! Every 64th revision stands alone. Each of those between is told by the one whose number, counted from there, has the
//! lowest bit of its own taken away: 6 is told by 4, 7 by 6, 4 by the one that stands alone. So six steps at most lead
//! to any revision, and most are told by a close one.

use masthead_domain::error::StorageError;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

/// Every how many revisions one stands alone.
const BLOCK: i64 = 64;
/// How hard zstd tries; beyond it a small change gains nothing.
const LEVEL: i32 = 6;
/// Bytes of a state. The largest article that the model allows stays far below.
const LIMIT: usize = 64 << 20;

/// The revision that this one is told by; `None` where it stands alone.
pub(super) const fn base_of(revision: i64) -> Option<i64> {
    let offset = (revision - 1) % BLOCK;
    if offset <= 0 {
        return None;
    }
    Some(revision - (offset & -offset))
}

/// Packs a text, with what it is told by.
pub(super) fn pack(text: &str, base: Option<&str>) -> Result<Vec<u8>, StorageError> {
    let packed = || {
        let dictionary = base.map_or(&[][..], str::as_bytes);
        let mut compressor = Compressor::with_dictionary(LEVEL, dictionary)?;
        // Damage, and another base than the one it was told by, show when it is read.
        compressor.set_parameter(CParameter::ChecksumFlag(true))?;
        compressor.compress(text.as_bytes())
    };
    packed().map_err(|error: std::io::Error| StorageError::Database {
        context: "packing a revision".to_owned(),
        source: Box::new(error),
    })
}

/// Whether telling a state by another saves enough to be worth the steps back to it.
pub(super) const fn is_worth_it(told: usize, alone: usize) -> bool {
    told * 4 <= alone * 3
}

/// Unpacks a text; says what is wrong where that cannot be.
pub(super) fn unpack(packed: &[u8], base: Option<&str>) -> Result<String, String> {
    let size = Decompressor::upper_bound(packed).filter(|size| (1..=LIMIT).contains(size));
    let size = size.ok_or("this is not packed as a revision is")?;
    let dictionary = base.map_or(&[][..], str::as_bytes);
    let bytes = Decompressor::with_dictionary(dictionary)
        .and_then(|mut decompressor| decompressor.decompress(packed, size))
        .map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_steps_lead_to_any_revision() {
        assert_eq!(base_of(1), None);
        assert_eq!(base_of(65), None);
        assert_eq!([2, 3, 4, 5, 7, 8].map(base_of), [1, 1, 3, 1, 5, 7].map(Some));
        for revision in 1..=1_000 {
            let mut steps = 0;
            let mut at = revision;
            while let Some(base) = base_of(at) {
                assert!(base < at && base >= 1);
                at = base;
                steps += 1;
            }
            assert!(steps <= 6, "{revision} takes {steps}");
        }
    }

    #[test]
    fn a_small_change_takes_few_bytes_and_comes_back() {
        let words = (0..2_000).map(|n| format!("word{} ", n * 7919 % 1_009));
        let base = words.collect::<Vec<_>>().concat();
        let text = base.replacen("word5 ", "another ", 1);
        let alone = pack(&text, None).unwrap();
        let told = pack(&text, Some(&base)).unwrap();
        assert!(
            told.len() < 100 && is_worth_it(told.len(), alone.len()),
            "{}",
            told.len()
        );
        assert_eq!(unpack(&told, Some(&base)).unwrap(), text);
        assert_eq!(unpack(&alone, None).unwrap(), text);
    }

    #[test]
    fn damage_and_another_base_are_noticed() {
        let base = "The sea is never still. ".repeat(20);
        let text = format!("{base}Or so they say.");
        let mut told = pack(&text, Some(&base)).unwrap();
        assert!(unpack(&told, Some(&base.replace("sea", "fen"))).is_err());
        assert!(unpack(&told, None).is_err());
        let last = told.len() - 1;
        told[last] ^= 1;
        assert!(unpack(&told, Some(&base)).is_err());
        assert!(unpack(b"nonsense", None).is_err());
        assert!(unpack(b"", None).is_err());
    }

    #[test]
    fn a_large_state_is_packed_too() {
        let words = (0..200_000_u64).map(|n| format!("{:x} ", n.wrapping_mul(2_654_435_761) % 99_991));
        let base = words.collect::<Vec<_>>().concat();
        let middle = base.len() / 2;
        let text = format!("{}Changed. {}", &base[..middle], &base[middle..]);
        let told = pack(&text, Some(&base)).unwrap();
        assert_eq!(unpack(&told, Some(&base)).unwrap(), text);
        assert!(told.len() < text.len() / 20, "{}", told.len());
    }
}
