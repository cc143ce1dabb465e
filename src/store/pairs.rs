//! Many pairs of numbers in order, of which a few come at a time.

use std::collections::BTreeSet;

/// Pairs that gather before they go over into the list: so few stay in near memory.
const LATEST: usize = 1 << 13;

/// Pairs in order, each once. The latest stand in a tree of their own, which is small, and go over into the long list many at once:
/// each by itself would look for its place all over a large tree, and a tree is larger than a list.
#[derive(Default)]
pub(super) struct Pairs {
    list: Vec<(i64, i64)>,
    latest: BTreeSet<(i64, i64)>,
}

impl Pairs {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len() + self.latest.len()
    }

    /// Puts pairs in that are not there.
    pub(super) fn extend(&mut self, pairs: impl IntoIterator<Item = (i64, i64)>) {
        self.latest.extend(pairs);
        if self.latest.len() >= LATEST {
            self.gather();
        }
    }

    /// All of them, in order.
    pub(super) fn all(&mut self) -> &[(i64, i64)] {
        self.gather();
        &self.list
    }

    /// The second numbers that stand beside a first one.
    pub(super) fn beside(&self, first: i64) -> impl Iterator<Item = i64> {
        let from = self.list.partition_point(|pair| pair.0 < first);
        let listed = self.list[from..].iter().take_while(move |pair| pair.0 == first);
        listed.chain(self.latest.range((first, i64::MIN)..=(first, i64::MAX))).map(|pair| pair.1)
    }

    /// Takes the pairs of these and a second number away; gives those of these of which there was none.
    pub(super) fn take(&mut self, firsts: &[i64], second: i64) -> Vec<i64> {
        let (mut listed, mut none) = (Vec::new(), Vec::new());
        for first in firsts {
            match self.list.binary_search(&(*first, second)) {
                Ok(_) => listed.push(*first),
                Err(_) if self.latest.remove(&(*first, second)) => {}
                Err(_) => none.push(*first),
            }
        }
        if !listed.is_empty() {
            self.list.retain(|pair| pair.1 != second || !listed.contains(&pair.0));
        }
        none
    }

    /// Keeps only those that are wanted.
    pub(super) fn retain(&mut self, is_wanted: impl Fn((i64, i64)) -> bool) {
        self.gather();
        self.list.retain(|pair| is_wanted(*pair));
    }

    /// Moves the latest over into the list: from the end, so that each pair moves once.
    fn gather(&mut self) {
        let latest = std::mem::take(&mut self.latest);
        let mut end = self.list.len();
        self.list.reserve_exact(latest.len());
        self.list.resize(end + latest.len(), (0, 0));
        for (before, pair) in latest.into_iter().enumerate().rev() {
            // So many are still to be put in before it.
            while end > 0 && self.list[end - 1] > pair {
                end -= 1;
                self.list[end + before + 1] = self.list[end];
            }
            self.list[end + before] = pair;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn they_are_as_a_tree_would_have_them(
            steps in prop::collection::vec((prop::collection::btree_set((-9_i64..9, 0_i64..4), 0..12), 0_u8..4), 0..12),
        ) {
            let (mut pairs, mut tree) = (Pairs::default(), BTreeSet::<(i64, i64)>::new());
            for (some, step) in steps {
                let first = some.first().map_or(0, |pair| pair.0);
                match step {
                    0 => {
                        let firsts: BTreeSet<i64> = some.iter().map(|pair| pair.0).collect();
                        let firsts: Vec<i64> = firsts.into_iter().collect();
                        let none: Vec<i64> = firsts.iter().filter(|first| !tree.remove(&(**first, 1))).copied().collect();
                        prop_assert_eq!(pairs.take(&firsts, 1), none);
                    }
                    1 => {
                        pairs.retain(|pair| pair.0 != first);
                        tree.retain(|pair| pair.0 != first);
                    }
                    _ => {
                        let new: Vec<(i64, i64)> = some.into_iter().filter(|pair| tree.insert(*pair)).collect();
                        pairs.extend(new);
                    }
                }
                let mut beside: Vec<i64> = pairs.beside(first).collect();
                beside.sort_unstable();
                let expected: Vec<i64> = tree.range((first, i64::MIN)..=(first, i64::MAX)).map(|pair| pair.1).collect();
                prop_assert_eq!((beside, pairs.len()), (expected, tree.len()));
                if step == 3 {
                    prop_assert!(pairs.all().iter().eq(&tree));
                }
            }
            prop_assert!(pairs.all().iter().eq(&tree));
        }
    }
}
