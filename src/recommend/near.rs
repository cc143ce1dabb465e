//! How near stories are to each other, in numbers.

use std::cmp::Ordering;

/// Nearest neighbours that lend a story their words.
const NEIGHBOURS: usize = 5;
/// How much they lend, times the square of how near they are: near ones nearly all, far ones nearly nothing.
const LENT: f64 = 6.0;

/// The products of all rows with each other: of each word the rows that hold it, rising, and what it weighs there. Most
/// words stand in few rows.
pub(super) fn products<'a>(words: impl Iterator<Item = &'a [(usize, f64)]>, rows: usize) -> Vec<Vec<f64>> {
    let mut all = vec![vec![0.0; rows]; rows];
    for holders in words {
        for (at, (i, x)) in holders.iter().enumerate() {
            let row = &mut all[*i];
            for (j, y) in &holders[at..] {
                row[*j] += x * y;
            }
        }
    }
    // The rows of a word rise: so far only one half is known.
    for i in 1..rows {
        let (above, below) = all.split_at_mut(i);
        if let Some(row) = below.first_mut() {
            row.iter_mut().zip(above).for_each(|(here, there)| *here = there[i]);
        }
    }
    all
}

/// How near the stories of the pool are to the first, where each is lent the words of its nearest neighbours: two stories
/// of one event often share few words, but share their neighbours.
pub(super) fn lent(alike: &[Vec<f64>]) -> Vec<f64> {
    let rows: Vec<Vec<(usize, f64)>> = alike
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let mut near: Vec<(usize, f64)> =
                row.iter().copied().enumerate().filter(|(j, s)| *j != i && *s > 0.0).collect();
            let nearest_first = |a: &(usize, f64), b: &(usize, f64)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
            if near.len() > NEIGHBOURS {
                near.select_nth_unstable_by(NEIGHBOURS, nearest_first);
                near.truncate(NEIGHBOURS);
            }
            near.sort_unstable_by(nearest_first);
            near.iter_mut().for_each(|(_, s)| *s = LENT * s.powi(2));
            near.push((i, 1.0));
            near
        })
        .collect();
    let product = |a: &[(usize, f64)], b: &[(usize, f64)]| -> f64 {
        a.iter().map(|(i, x)| b.iter().map(|(j, y)| x * y * alike[*i][*j]).sum::<f64>()).sum()
    };
    let Some(mine) = rows.first() else { return Vec::new() };
    let my_length = product(mine, mine).sqrt();
    rows.iter()
        .skip(1)
        .map(|row| product(mine, row) / (my_length * product(row, row).sqrt()).max(f64::MIN_POSITIVE))
        .collect()
}

/// What stands in both of two rising lists.
pub(super) fn meet<'a, A, B>(
    a: &'a [A],
    b: &'a [B],
    key_a: impl Fn(&A) -> u32,
    key_b: impl Fn(&B) -> u32,
) -> impl Iterator<Item = (&'a A, &'a B)> {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        loop {
            let (x, y) = (a.get(i)?, b.get(j)?);
            match key_a(x).cmp(&key_b(y)) {
                Ordering::Less => i += 1,
                Ordering::Greater => j += 1,
                Ordering::Equal => {
                    (i, j) = (i + 1, j + 1);
                    return Some((x, y));
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_bring_together_what_shares_few_words() {
        // 1 and 2 are equally near to 0; 1 and 3 are near each other, and 3 is near 0.
        let alike = vec![
            vec![1.0, 0.2, 0.2, 0.6],
            vec![0.2, 1.0, 0.0, 0.6],
            vec![0.2, 0.0, 1.0, 0.0],
            vec![0.6, 0.6, 0.0, 1.0],
        ];
        let near = lent(&alike);
        assert!(near[0] > near[1] + 0.1, "{near:?}");
        assert!(near.iter().all(|n| (0.0..=1.0).contains(n)));
    }

    #[test]
    fn products_are_those_of_the_vectors() {
        let words: [&[(usize, f64)]; 3] = [&[(0, 0.8), (1, 1.0)], &[(0, 0.6)], &[(2, 1.0)]];
        let all = products(words.into_iter(), 3);
        assert_eq!(all[0][1], 0.8);
        assert_eq!((all[0][2], all[2][2]), (0.0, 1.0));
    }
}
