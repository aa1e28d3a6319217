//! A share that all hidden layers have, or one for each of them.

use super::range::Share;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// One share for all hidden layers, or a list of one for each.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ByLayer {
    /// The same for all.
    All(Share),
    /// From the first hidden layer on; as many as there are.
    Each(Vec<Share>),
}

impl ByLayer {
    /// That of a hidden layer, counted from 0; 0 for one that the list does not reach.
    pub fn of(&self, hidden: usize) -> f64 {
        match self {
            ByLayer::All(share) => share.get(),
            ByLayer::Each(shares) => shares.get(hidden).map_or(0.0, |share| share.get()),
        }
    }

    /// Every share that is given.
    pub(super) fn shares(&self) -> &[Share] {
        match self {
            ByLayer::All(share) => std::slice::from_ref(share),
            ByLayer::Each(shares) => shares,
        }
    }

    /// A list of equal shares as the share alone.
    pub(super) fn normalised(self) -> ByLayer {
        match &self {
            ByLayer::Each(shares) if shares.windows(2).all(|pair| pair[0] == pair[1]) => {
                shares.first().map_or(self.clone(), |&share| ByLayer::All(share))
            }
            _ => self,
        }
    }
}

impl JsonSchema for ByLayer {
    fn schema_name() -> Cow<'static, str> {
        "ByLayer".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (share, shares) = (Share::json_schema(generator), Vec::<Share>::json_schema(generator));
        json_schema!({ "anyOf": [share, shares] })
    }
}

// Written by hand: of an untagged choice serde would say neither where a value is wrong nor what was expected there.
impl<'de> Deserialize<'de> for ByLayer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrList;

        impl<'de> Visitor<'de> for NumberOrList {
            type Value = ByLayer;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                write!(f, "{}, or a list of one for each hidden layer", Share::RANGE)
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<ByLayer, E> {
                Share::try_from(value).map(ByLayer::All).map_err(E::custom)
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<ByLayer, E> {
                self.visit_f64(value as f64)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<ByLayer, E> {
                self.visit_f64(value as f64)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ByLayer, A::Error> {
                let mut shares = Vec::new();
                while let Some(share) = list.next_element()? {
                    shares.push(share);
                }
                Ok(ByLayer::Each(shares))
            }
        }
        deserializer.deserialize_any(NumberOrList)
    }
}
