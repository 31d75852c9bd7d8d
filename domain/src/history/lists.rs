//! Ordered things with names of their own: who moved, and what two orders make of each other.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

/// The things that have to move for one order to become the other, as few as there can be. Both hold the same things.
pub(super) fn movers<K: Copy + Ord>(before: &[K], after: &[K]) -> Vec<K> {
    let place: BTreeMap<K, usize> = before.iter().enumerate().map(|(at, key)| (*key, at)).collect();
    let places: Vec<usize> = after.iter().filter_map(|key| place.get(key).copied()).collect();
    let stays: HashSet<usize> = longest_rising(&places).into_iter().collect();
    let moved = after.iter().zip(&places).filter(|(_, at)| !stays.contains(at));
    moved.map(|(key, _)| *key).collect()
}

/// The longest run of rising numbers, with gaps, in a list of different ones.
fn longest_rising(numbers: &[usize]) -> Vec<usize> {
    // For each length, where the smallest last number stands; for each number, the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(numbers.len());
    for (index, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut found = Vec::new();
    let mut at = ends.last().copied();
    while let Some(index) = at {
        found.push(numbers[index]);
        at = before[index];
    }
    found.reverse();
    found
}

/// One order made of two that were made of a third.
pub(super) struct Arranged<K> {
    /// Everything that stays, in order.
    pub order: Vec<K>,
    /// Whether both moved what they share, differently: the order is theirs then.
    pub clashes: bool,
}

/// Lays two orders over each other; `stays` tells what is left at all.
pub(super) fn arranged<K: Clone + Eq + Hash>(
    base: &[K],
    theirs: &[K],
    yours: &[K],
    stays: impl Fn(&K) -> bool,
) -> Arranged<K> {
    let shared: HashSet<&K> = base
        .iter()
        .filter(|key| theirs.contains(key) && yours.contains(key))
        .collect();
    let of = |order: &[K]| -> Vec<K> {
        let shared = order.iter().filter(|key| shared.contains(key));
        shared.cloned().collect()
    };
    let (was, their, your) = (of(base), of(theirs), of(yours));
    let clashes = their != was && your != was && their != your;
    let (leading, following) = if their == was {
        (yours, theirs)
    } else {
        (theirs, yours)
    };
    let mut order: Vec<K> = leading.iter().filter(|key| stays(key)).cloned().collect();
    for (index, key) in following.iter().enumerate() {
        if order.contains(key) || !stays(key) {
            continue;
        }
        // Behind the nearest neighbour before it that is there.
        let behind = following[..index]
            .iter()
            .rev()
            .find_map(|neighbour| order.iter().position(|placed| placed == neighbour));
        order.insert(behind.map_or(0, |at| at + 1), key.clone());
    }
    Arranged { order, clashes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrange(base: &str, theirs: &str, yours: &str) -> (String, bool) {
        let list = |text: &str| text.chars().collect::<Vec<_>>();
        let (base, theirs, yours) = (list(base), list(theirs), list(yours));
        let stays = |key: &char| {
            if base.contains(key) {
                theirs.contains(key) && yours.contains(key)
            } else {
                true
            }
        };
        let arranged = arranged(&base, &theirs, &yours, stays);
        (arranged.order.into_iter().collect(), arranged.clashes)
    }

    #[test]
    fn as_few_as_can_be_have_moved() {
        assert!(movers(&[1, 2, 3, 4], &[1, 2, 3, 4]).is_empty());
        assert_eq!(movers(&[1, 2, 3, 4], &[4, 1, 2, 3]), [4]);
        assert_eq!(movers(&[1, 2, 3, 4], &[2, 3, 4, 1]), [1]);
        assert_eq!(movers(&[1, 2, 3], &[3, 2, 1]).len(), 2);
    }

    #[test]
    fn two_orders_become_one() {
        assert_eq!(arrange("abc", "abc", "cab"), ("cab".into(), false));
        assert_eq!(arrange("abc", "cab", "abc"), ("cab".into(), false));
        assert_eq!(arrange("abc", "abxc", "aybc"), ("aybxc".into(), false));
        assert_eq!(arrange("abc", "ac", "abcd"), ("acd".into(), false));
        assert_eq!(arrange("abc", "cab", "abcd"), ("cdab".into(), false));
        assert!(!arrange("abc", "xabc", "yabc").1);
        assert_eq!(arrange("abc", "cab", "bac"), ("cab".into(), true));
        assert_eq!(arrange("abc", "cab", "cab"), ("cab".into(), false));
    }
}
