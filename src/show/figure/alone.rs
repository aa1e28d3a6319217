//! Shows one path or curve of a figure alone, for figures in which several overlap.

use super::{Field, Figure, Hue, Lines, Path, Plot, Series};

impl Figure {
    /// The names of the paths or curves that can be shown alone: those with points, if there are several. Grey curves are
    /// references and always stay.
    pub fn lines(&self) -> Vec<&str> {
        let names: Vec<&str> = match &self.plot {
            Plot::Field(field) => {
                field.paths.iter().filter(|path| is_begun(path)).map(|path| path.name.as_str()).collect()
            }
            Plot::Lines(lines) => {
                lines.series.iter().filter(|series| is_curve(series)).map(|series| series.name.as_str()).collect()
            }
            Plot::Histograms(_) | Plot::Grid(_) => Vec::new(),
        };
        if names.len() > 1 { names } else { Vec::new() }
    }

    /// The figure with the n-th of [`Figure::lines`] whole and only the end point of the others. The axes stay the same.
    pub fn alone(mut self, nth: usize) -> Figure {
        let Some(name) = self.lines().get(nth).map(|&name| name.to_owned()) else { return self };
        match &mut self.plot {
            Plot::Field(field) => keep_path(field, nth),
            Plot::Lines(lines) => keep_series(lines, nth),
            Plot::Histograms(_) | Plot::Grid(_) => {}
        }
        self.caption = format!("Only {name} is drawn whole; of the others, where they end. {}", self.caption);
        self
    }
}

fn is_begun(path: &Path) -> bool {
    !path.points.is_empty()
}

/// Whether a series has measured values and is no reference.
fn is_curve(series: &Series) -> bool {
    series.hue != Hue::Grey && series.points.iter().any(|point| point.1.is_finite())
}

fn keep_path(field: &mut Field, nth: usize) {
    let others = field.paths.iter_mut().filter(|path| is_begun(path)).enumerate().filter(|(place, _)| *place != nth);
    for (_, path) in others {
        path.points.drain(..path.points.len().saturating_sub(1));
        (path.arrow, path.hue) = (None, Hue::Grey);
    }
}

fn keep_series(lines: &mut Lines, nth: usize) {
    let curves = lines.series.iter_mut().filter(|series| is_curve(series));
    for (_, series) in curves.enumerate().filter(|(place, _)| *place != nth) {
        let end = series.points.iter().rposition(|point| point.1.is_finite());
        series.points = end.map(|end| series.points[end]).into_iter().collect();
        (series.band, series.hue) = (Vec::new(), Hue::Grey);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::board::samples;
    use crate::show::figure::pictures;

    #[test]
    fn of_the_others_no_more_is_left_than_where_they_end() {
        let figure = pictures(&samples::on_surface())[0].figure(&samples::on_surface(), 2);
        assert_eq!(figure.lines(), ["sgd", "momentum"]);
        let Plot::Field(all) = figure.clone().plot else { panic!("no field") };
        let alone = figure.alone(0);
        let Plot::Field(field) = alone.plot else { panic!("no field") };
        assert_eq!((&field.paths[0], &field.x), (&all.paths[0], &all.x));
        assert_eq!(field.paths[1].points, all.paths[1].points[1..]);
        assert!(alone.caption.starts_with("Only sgd is drawn whole"), "{}", alone.caption);
    }

    #[test]
    fn what_all_are_compared_with_stays() {
        let board = samples::on_surface();
        let velocity = pictures(&board).into_iter().find(|picture| picture.name == "velocity/along").unwrap();
        let figure = velocity.figure(&board, 0);
        let Plot::Lines(all) = figure.plot.clone() else { panic!("no lines") };
        assert!(all.series.iter().any(|series| series.hue == Hue::Grey));
        assert!(figure.lines().is_empty(), "one curve beside two limits: {:?}", figure.lines());
        assert_eq!(figure.clone().alone(0), figure);
    }
}
