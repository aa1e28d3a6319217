//! How much the images of each class count in training.

use super::range::NonNegative;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// How much the loss of an image counts in training, by its class.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// That of each image the same.
    None,
    /// n/(k·n_c) for class c, where n_c of the n images trained on are of class c, and k classes occur among them: their
    /// mean over these images is 1.
    Balanced,
    /// A weight for each class, in the order of the labels.
    Each(Vec<NonNegative>),
}

const NONE: &str = "none";
const BALANCED: &str = "balanced";

impl ClassWeights {
    /// The weight of each of so many classes; `None` where all images count the same. `labels` are those of the images
    /// trained on.
    pub fn of(&self, classes: usize, labels: impl Iterator<Item = u8>) -> Option<Vec<f32>> {
        match self {
            ClassWeights::None => None,
            ClassWeights::Each(weights) => Some(weights.iter().map(|weight| weight.get() as f32).collect()),
            ClassWeights::Balanced => {
                let mut counts = vec![0usize; classes];
                labels.for_each(|label| counts[usize::from(label)] += 1);
                let images = counts.iter().sum::<usize>() as f64;
                let occurring = counts.iter().filter(|&&count| count > 0).count() as f64;
                // A class without images has a weight that no image asks for.
                Some(counts.iter().map(|&count| (images / (occurring * count.max(1) as f64)) as f32).collect())
            }
        }
    }

    /// Weights of 1 as none.
    pub(super) fn normalised(self) -> ClassWeights {
        match self {
            ClassWeights::Each(weights) if weights.iter().all(|weight| weight.get() == 1.0) => ClassWeights::None,
            other => other,
        }
    }
}

impl Serialize for ClassWeights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            ClassWeights::None => NONE.serialize(serializer),
            ClassWeights::Balanced => BALANCED.serialize(serializer),
            ClassWeights::Each(weights) => weights.serialize(serializer),
        }
    }
}

impl JsonSchema for ClassWeights {
    fn schema_name() -> Cow<'static, str> {
        "ClassWeights".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = |name: &str| json_schema!({ "type": "string", "const": name });
        json_schema!({ "anyOf": [name(NONE), name(BALANCED), Vec::<NonNegative>::json_schema(generator)] })
    }
}

// By hand, as `ByLayer` is.
impl<'de> Deserialize<'de> for ClassWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrList;

        impl<'de> Visitor<'de> for NameOrList {
            type Value = ClassWeights;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("\"none\", \"balanced\" or a list of a weight for each class")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<ClassWeights, E> {
                match name {
                    NONE => Ok(ClassWeights::None),
                    BALANCED => Ok(ClassWeights::Balanced),
                    other => Err(E::unknown_variant(other, &[NONE, BALANCED])),
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ClassWeights, A::Error> {
                let mut weights = Vec::new();
                while let Some(weight) = list.next_element()? {
                    weights.push(weight);
                }
                Ok(ClassWeights::Each(weights))
            }
        }
        deserializer.deserialize_any(NameOrList)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_weights_by_hand() {
        // Of 8 images 4 are of class 0, 1 of class 1, none of class 2 and 3 of class 3: 8/(3·4), 8/(3·1) and 8/(3·3).
        let weights = ClassWeights::Balanced.of(4, [0, 3, 0, 1, 3, 0, 0, 3].into_iter()).unwrap();
        let near = |found: f32, expected: f32| (found - expected).abs() < 1e-6;
        assert!(near(weights[0], 0.666_666_7) && near(weights[1], 2.666_666_7) && near(weights[3], 0.888_888_9));
        let mean = (4.0 * weights[0] + weights[1] + 3.0 * weights[3]) / 8.0;
        assert!(near(mean, 1.0), "{mean}");
    }
}
