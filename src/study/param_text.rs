//! A hyper-parameter's value in short, as every table, screen and message shows it.

use super::Params;
use serde_json::Value;

/// `0.1`, `adam`, `6 × 100`, `(100, 50)`, `none`, `adam (beta_1 = 0.5)`, `gain = 2.0`; numbers as they are written.
pub fn param_text(value: &Value) -> String {
    match value {
        Value::Null => "default".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) => match items.split_first() {
            None => "none".into(),
            Some((first, rest)) if rest.iter().all(|item| item == first) => {
                format!("{} × {}", items.len(), param_text(first))
            }
            Some(_) => format!("({})", items.iter().map(param_text).collect::<Vec<_>>().join(", ")),
        },
        Value::Object(table) => {
            let mut table = table.clone();
            match table.shift_remove("name") {
                Some(name) if table.is_empty() => param_text(&name),
                Some(name) => format!("{} ({})", param_text(&name), assignments(&table)),
                None => assignments(&table),
            }
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// `dropout = 0.0, init = he`
pub fn assignments(params: &Params) -> String {
    params.iter().map(|(key, value)| format!("{key} = {}", param_text(value))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_well_in_a_column() {
        let cases = [
            (json!(0.0), "0.0"),
            (json!(0.2), "0.2"),
            (json!(60000), "60000"),
            (json!(1e-7), "1e-7"),
            (json!(true), "true"),
            (json!("adam"), "adam"),
            (json!([100]), "1 × 100"),
            (json!([100, 100]), "2 × 100"),
            (json!([100, 50]), "(100, 50)"),
            (json!([]), "none"),
            (json!({"normal": 0.01}), "normal = 0.01"),
            (json!({"name": "adam"}), "adam"),
            (json!({"name": "adam", "beta_1": 0.5, "beta_2": 0.9}), "adam (beta_1 = 0.5, beta_2 = 0.9)"),
        ];
        for (value, expected) in cases {
            assert_eq!(param_text(&value), expected);
        }
    }
}
