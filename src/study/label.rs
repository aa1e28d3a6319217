//! A parameter's value as a table's column shows it.

use serde_json::Value;

/// `0.2`, `adam`, `normal(0.01)`, `adam(beta_1=0.5)`, `100-100`; numbers in their shortest form.
pub fn label(value: &Value) -> String {
    match value {
        Value::Null => "default".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), shortest),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "none".into(),
        Value::Array(values) => values.iter().map(label).collect::<Vec<_>>().join("-"),
        Value::Object(table) => table_label(table),
    }
}

fn table_label(table: &serde_json::Map<String, Value>) -> String {
    let Some(name) = table.get("name") else {
        let parts: Vec<_> = table.iter().map(|(key, value)| format!("{key}({})", label(value))).collect();
        return parts.join(" ");
    };
    let constants = table.iter().filter(|(key, _)| *key != "name");
    let constants: Vec<_> = constants.map(|(key, value)| format!("{key}={}", label(value))).collect();
    match constants.is_empty() {
        true => label(name),
        false => format!("{}({})", label(name), constants.join(", ")),
    }
}

/// Reads back to the same number; an exponent only where plain digits would be long.
fn shortest(number: f64) -> String {
    match number.abs() {
        0.0 => "0".into(),
        1e-4..1e9 => number.to_string(),
        _ => format!("{number:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_well_in_a_column() {
        let cases = [
            (json!(0.0), "0"),
            (json!(0.2), "0.2"),
            (json!(60000), "60000"),
            (json!(1e-7), "1e-7"),
            (json!(true), "true"),
            (json!("adam"), "adam"),
            (json!([100, 50]), "100-50"),
            (json!([]), "none"),
            (json!({"normal": 0.01}), "normal(0.01)"),
            (json!({"name": "adam"}), "adam"),
            (json!({"name": "adam", "beta_1": 0.5, "beta_2": 0.9}), "adam(beta_1=0.5, beta_2=0.9)"),
        ];
        for (value, expected) in cases {
            assert_eq!(label(&value), expected);
        }
    }
}
