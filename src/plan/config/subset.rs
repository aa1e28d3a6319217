//! Which of a data set's training images a trial uses.

use super::Config;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which training images are used, where there are more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Subset {
    /// Each seed draws its own: the first of a random order of all of the data set's, the same for all cells of the seed.
    /// More images are those of fewer and others.
    Drawn,
    /// The first of the data set, the same for every seed, as in the chapter: what is found is about these images.
    First,
    /// Drawn, with as many images of each class as of any other, give or take one.
    Balanced,
}

impl Subset {
    /// What a study that does not say has. Where a journal does not say, it is [`Subset::First`], as in
    /// `Config::default()`: its trials are from before there was a choice.
    pub fn in_studies() -> Subset {
        Subset::Drawn
    }
}

/// `these 300 images`: those that all seeds train on alike, though their data set has more, so that what is found is about
/// them; `these 300 or 2000 images` where configurations differ in their number. `None` where there are none.
pub fn these_images<'a>(configs: impl Iterator<Item = &'a Config>) -> Option<String> {
    let same = configs.filter(|config| config.subset_in_use() == Some(Subset::First));
    let counts: BTreeSet<usize> = same.map(|config| config.trained_on().len()).collect();
    let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
    (!counts.is_empty()).then(|| format!("these {} images", counts.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Identity, trial_id};

    fn config(settings: &str) -> Config {
        toml::from_str(settings).unwrap()
    }

    #[test]
    fn a_configuration_that_does_not_say_has_the_first_images_and_its_old_id() {
        let canonical = |settings: &str| Identity::default().canonical(&config(settings));
        // printf '{"config":{"train_samples":300},"seed":0,"generation":1}' | sha256sum
        assert_eq!(trial_id(&config("train_samples = 300"), 0).to_string(), "c888c30497173dab");
        assert_eq!(canonical("train_samples = 300\nsubset = 'first'"), r#"{"train_samples":300}"#);
        assert_eq!(canonical("train_samples = 300\nsubset = 'drawn'"), r#"{"train_samples":300,"subset":"drawn"}"#);
        // Where there is nothing to choose, the key means nothing.
        for settings in ["", "data = 'synthetic'\ntrain_samples = 1000", "data = 'surface'\nsteps = 5"] {
            for subset in ["drawn", "first"] {
                let with = format!("subset = '{subset}'\n{settings}");
                assert!(config(&with).check().is_ok());
                assert_eq!(canonical(&with), canonical(settings));
            }
        }
        assert!(config("data = 'surface'\nsteps = 5\nsubset = 'balanced'").check().is_err());
        // Which of all images are held out is a choice.
        assert!(canonical("validation_samples = 100\nsubset = 'drawn'").contains("drawn"));
    }

    #[test]
    fn images_are_named_where_all_seeds_share_them() {
        let these = |settings: &[&str]| these_images(settings.iter().map(|one| config(one)).collect::<Vec<_>>().iter());
        assert_eq!(these(&["train_samples = 300", "train_samples = 300"]).unwrap(), "these 300 images");
        let held_out = "train_samples = 2100\nvalidation_samples = 100";
        assert_eq!(these(&[held_out, "", "train_samples = 300"]).unwrap(), "these 300 or 2000 images");
        assert_eq!(these(&["train_samples = 300\nsubset = 'drawn'", "", "data = 'surface'"]), None);
    }
}
