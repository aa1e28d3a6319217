//! Choosing one cell of a study, for commands that need exactly one.

use super::Study;
use super::outline::is_list;
use crate::error::{Error, Result};
use crate::plan::{Cell, param_text};
use serde_json::Value;

impl Study {
    /// The cell of this arm; without one, the only cell that is no arm. Where several cells are left, the error lists
    /// the ways to choose one.
    pub fn choose_cell(&self, arm: Option<&str>) -> Result<&Cell> {
        let points: Vec<&Cell> = self.cells.iter().filter(|cell| cell.arm.is_none()).collect();
        match (arm, &points[..]) {
            (Some(name), _) => {
                let named = self.cells.iter().find(|cell| cell.arm.as_deref() == Some(name));
                named.ok_or_else(|| Error::Usage(self.no_such_arm(name)))
            }
            (None, [point]) => Ok(point),
            (None, points) => Err(Error::Usage(self.which_cell(points))),
        }
    }

    fn no_such_arm(&self, name: &str) -> String {
        match self.arms() {
            arms if arms.is_empty() => format!("--arm \"{name}\": the study {} has no arms", self.name),
            arms => format!("--arm \"{name}\": the study {} has no such arm; it has: {arms}", self.name),
        }
    }

    fn which_cell(&self, points: &[&Cell]) -> String {
        let arms = self.arms();
        let mut text = format!("{}: this takes one cell, and the study has {}", self.name, self.cells.len());
        for axis in &self.axes {
            let mut values: Vec<&Value> = Vec::new();
            for value in points.iter().filter_map(|point| point.params.get(axis)) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
            if let [first, _, ..] = values[..] {
                let all: Vec<_> = values.iter().map(|value| param_text(value)).collect();
                text += &format!(
                    "\n  {axis} has {}: give one, as in {}",
                    all.join(", "),
                    set(axis, first, !arms.is_empty())
                );
            }
        }
        match arms {
            _ if arms.is_empty() => text,
            arms => text + &format!("\n  or give one of the arms with --arm: {arms}"),
        }
    }

    /// The names of the arms, in quotes.
    fn arms(&self) -> String {
        let names = self.cells.iter().filter_map(|cell| cell.arm.as_ref()).map(|name| format!("\"{name}\""));
        names.collect::<Vec<_>>().join(", ")
    }
}

/// The option that gives a key this value, quoted for a shell where it has to be. In a study with arms the key has to
/// stay an axis, of one value: without a grid, the study would have only its arms. So has a list, where it is not the
/// only form that a value of the key has: it would be the values of an axis.
fn set(key: &str, value: &Value, beside_arms: bool) -> String {
    let is_axis = beside_arms || value.is_array() && !is_list(key);
    match value {
        Value::String(name) if !is_axis => format!("--set {key}={name}"),
        Value::Number(_) | Value::Bool(_) if !is_axis => format!("--set {key}={value}"),
        _ => {
            let value = if is_axis { Value::Array(vec![value.clone()]) } else { value.clone() };
            // The value was read from TOML, so it can be written as TOML again.
            let value = toml::Value::try_from(&value).map_or_else(|_| value.to_string(), |value| value.to_string());
            let pair = format!("{key}={value}");
            format!("--set {}", shlex::try_quote(&pair).unwrap_or((&pair).into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::Changes;
    use std::path::Path;

    const GRID: &str = "[grid]\ndropout = [0.0, 0.5]\nhidden = [[20], [20, 20]]\noptimizer = ['sgd', { name = 'adam', beta_1 = 0.5 }]\n";
    const ARM: &str = "[[arm]]\nname = 'no batch norm'\nset = { batch_norm = false }\n";

    fn study(text: &str, set: &[&str]) -> Study {
        let changes =
            Changes { set: set.iter().map(|typed| typed.to_string()).collect(), seeds: None, ..Changes::default() };
        Study::parse(text, Path::new("s.toml"), &changes).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_choice_is_answered_with_the_ways_to_make_it() {
        let text = format!("[base]\nbatch_norm = true\n{GRID}{ARM}");
        insta::assert_snapshot!(study(&text, &[]).choose_cell(None).unwrap_err(), @r#"
        s: this takes one cell, and the study has 9
          dropout has 0.0, 0.5: give one, as in --set 'dropout=[0.0]'
          hidden has 1 × 20, 2 × 20: give one, as in --set 'hidden=[[20]]'
          optimizer has sgd, adam (beta_1 = 0.5): give one, as in --set 'optimizer=["sgd"]'
          or give one of the arms with --arm: "no batch norm"
        "#);
        insta::assert_snapshot!(study(&text, &[]).choose_cell(Some("half")).unwrap_err(), @r#"--arm "half": the study s has no such arm; it has: "no batch norm""#);
        insta::assert_snapshot!(study(GRID, &[]).choose_cell(Some("half")).unwrap_err(), @r#"--arm "half": the study s has no arms"#);
        let by_layer = "[base]\nhidden = [20, 20]\n[grid]\ndropout = [[0.2, 0.5], 0.5]";
        insta::assert_snapshot!(study(by_layer, &[]).choose_cell(None).unwrap_err(), @r"
        s: this takes one cell, and the study has 2
          dropout has (0.2, 0.5), 0.5: give one, as in --set 'dropout=[[0.2, 0.5]]'
        ");
        let chosen = study(by_layer, &["dropout=[[0.2, 0.5]]"]);
        assert_eq!(chosen.choose_cell(None).unwrap().config.dropout.of(1), 0.5);
        let turned = "[grid]\noptimizer = [{ name = 'adam', beta_1 = 0.5 }, 'sgd']\nhidden = [[20], [20, 20]]";
        insta::assert_snapshot!(study(turned, &[]).choose_cell(None).unwrap_err(), @r#"
        s: this takes one cell, and the study has 4
          optimizer has adam (beta_1 = 0.5), sgd: give one, as in --set 'optimizer={ name = "adam", beta_1 = 0.5 }'
          hidden has 1 × 20, 2 × 20: give one, as in --set 'hidden=[20]'
        "#);
    }

    #[test]
    fn what_the_answer_says_leaves_one_cell() {
        let text = format!("[base]\nbatch_norm = true\n{GRID}{ARM}");
        let fixed = ["dropout=[0.5]", "hidden=[[20]]", "optimizer=[{ name = \"adam\", beta_1 = 0.5 }]"];
        let study = study(&text, &fixed);
        let point = study.choose_cell(None).unwrap();
        assert_eq!((point.arm.as_ref(), point.config.dropout.of(0), point.config.hidden.len()), (None, 0.5, 1));
        let arm = study.choose_cell(Some("no batch norm")).unwrap();
        assert!(point.config.batch_norm && !arm.config.batch_norm);
    }
}
