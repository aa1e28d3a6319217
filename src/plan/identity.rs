//! What makes two trials the same.

use super::config::Config;
use super::trial::TrialId;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The generation of the numerics. Raise it with any change to the bits that training produces: results of an older
/// generation are then trained again instead of being mixed with new ones.
pub const GENERATION: u32 = 1;

/// The fields of a configuration as JSON, in the order of the struct.
pub fn fields(config: &Config) -> Map<String, Value> {
    match serde_json::to_value(config) {
        Ok(Value::Object(fields)) => fields,
        other => unreachable!("a Config is a struct of plain data: {other:?}"),
    }
}

/// The id that this version gives a trial.
pub fn trial_id(config: &Config, seed: u64) -> TrialId {
    Identity::trial(&Identity::default().canonical(config), seed)
}

/// The keys in which two configurations of different ids train differently.
pub fn changed_keys(before: &Config, now: &Config) -> Vec<String> {
    let before = fields(&before.normalised());
    let fields = fields(&now.normalised()).into_iter();
    let changed: Vec<String> =
        fields.filter(|(key, value)| before.get(key) != Some(value)).map(|(key, _)| key).collect();
    match changed.is_empty() {
        true => now.renewed_keys().into_iter().map(|(key, _)| key.into()).collect(),
        false => changed,
    }
}

/// Describes a configuration by its differences from the default alone, so that a field added later changes no old id.
pub struct Identity {
    default: Map<String, Value>,
}

impl Default for Identity {
    fn default() -> Identity {
        Identity { default: fields(&Config::default()) }
    }
}

impl Identity {
    /// Equal for configurations that train alike, and only for those.
    pub fn canonical(&self, config: &Config) -> String {
        self.differences(&config.normalised())
    }

    /// Whether a trial of this configuration and seed has this id, by this version or by one from before ids left out
    /// [keys that change nothing](Config::idle_keys).
    pub fn names(&self, id: TrialId, config: &Config, seed: u64) -> bool {
        id == Identity::trial(&self.canonical(config), seed) || id == self.former(config, seed)
    }

    /// The id that such a trial had before ids left out keys that change nothing.
    pub fn former(&self, config: &Config, seed: u64) -> TrialId {
        Identity::trial(&self.differences(&config.spelled_out()), seed)
    }

    /// All names of such trials, for plans with many seeds.
    pub(super) fn names_of(&self, config: &Config) -> Names {
        let (normalised, spelled_out) = (config.normalised(), config.spelled_out());
        Names([
            self.differences(&normalised),
            self.differences(&spelled_out),
            Value::Object(self.changed_fields(&normalised)).to_string(),
            Value::Object(self.changed_fields(&spelled_out)).to_string(),
        ])
    }

    fn changed_fields(&self, config: &Config) -> Map<String, Value> {
        let mut fields = fields(config);
        if fields.get("data").is_some_and(Value::is_object) {
            fields.insert("data".into(), config.data.identity().into());
        }
        fields.retain(|key, value| self.default.get(key) != Some(value));
        fields
    }

    fn differences(&self, config: &Config) -> String {
        let mut fields = self.changed_fields(config);
        let renewed: Map<_, _> = config.renewed_keys().into_iter().map(|(key, way)| (key.into(), way.into())).collect();
        if !renewed.is_empty() {
            fields.insert("renewed".into(), renewed.into());
        }
        Value::Object(fields).to_string()
    }

    /// `canonical` is what [`Identity::canonical`] says of the trial's configuration.
    pub fn trial(canonical: &str, seed: u64) -> TrialId {
        let text = format!(r#"{{"config":{canonical},"seed":{seed},"generation":{GENERATION}}}"#);
        let mut start = [0; 8];
        start.copy_from_slice(&Sha256::digest(text)[..8]);
        TrialId(u64::from_be_bytes(start))
    }
}

/// What ids of trials of one configuration were made of: today, before ids left out keys that change nothing, and each of
/// these before some keys were [renewed](Config::renewed_keys).
pub(super) struct Names([String; 4]);

impl Names {
    /// Whether such a trial of this seed has this id, or had it.
    pub(super) fn fit(&self, id: TrialId, seed: u64) -> bool {
        self.0.iter().any(|name| Identity::trial(name, seed) == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_what_they_are() {
        // First 16 digits of: printf '{"config":{},"seed":0,"generation":1}' | sha256sum
        let canonical = Identity::default().canonical(&Config::default());
        assert_eq!(canonical, "{}");
        assert_eq!(Identity::trial(&canonical, 0).to_string(), "570a3cf47d149846");
        // printf '{"config":{"dropout":0.2,"batch_size":50},"seed":3,"generation":1}' | sha256sum
        let config: Config = toml::from_str("batch_size = 50\ndropout = 0.2").unwrap();
        assert_eq!(Identity::trial(&Identity::default().canonical(&config), 3).to_string(), "57af5241cea27e95");
    }

    #[test]
    fn only_what_is_trained_in_another_way_has_another_id() {
        let canonical = |settings: &str| {
            let config: Config = toml::from_str(settings).unwrap();
            Identity::default().canonical(&config)
        };
        // 60,000 images in batches of 100: 600 updates an epoch. ⌊0.3 / 0.1⌋ was 2, so that the 180th update dropped late.
        let every = |every: f64| canonical(&format!("schedule = {{ name = 'step', every = {every:?} }}"));
        assert!(every(0.1).ends_with(r#""renewed":{"schedule":"drops in whole updates"}}"#));
        assert_eq!(every(5.0), r#"{"schedule":{"name":"step","every":5.0,"factor":0.1}}"#);
        assert_eq!(every(0.5), r#"{"schedule":{"name":"step","every":0.5,"factor":0.1}}"#);
        // 1e-5 is .66 of a step of 1/65536.
        assert_eq!(canonical("dropout = 1e-5"), r#"{"dropout":0.00001,"renewed":{"dropout":"by 32 bits"}}"#);
        assert_eq!(canonical("dropout = 0.1"), r#"{"dropout":0.1}"#);
        // Which is told where results are trained again because of it.
        let config: Config = toml::from_str("schedule = { name = 'step', every = 0.1 }").unwrap();
        assert_eq!(changed_keys(&config, &config), ["schedule"]);
        assert_eq!(changed_keys(&config, &Config { hidden: Vec::new(), ..config.clone() }), ["hidden"]);
    }

    #[test]
    fn former_names_of_trials_are_known() {
        // printf '{"config":{"epochs":2,"batch_norm_momentum":0.5},"seed":3,"generation":1}' | sha256sum
        let config: Config = toml::from_str("batch_norm_momentum = 0.5\nepochs = 2").unwrap();
        let former: TrialId = "4c6567713bf4b06c".to_owned().try_into().unwrap();
        let names = |id, seed| Identity::default().names(id, &config, seed);
        assert!(names(former, 3) && !names(former, 4));
        assert!(names(trial_id(&config, 3), 3) && trial_id(&config, 3) != former);
    }
}
