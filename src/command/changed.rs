use crate::plan::{Plan, changed_keys};
use crate::record::board::Board;
use std::collections::{BTreeSet, HashSet};

/// A line on how many results no longer match the study because settings of their cells have changed; `None` if there are
/// none. Cells and seeds that the study no longer has do not count as changes.
pub fn notice(board: &Board, plan: &Plan) -> Option<String> {
    let planned: HashSet<_> = plan.trials.iter().map(|trial| trial.id).collect();
    let (mut count, mut keys) = (0, BTreeSet::new());
    for (trial, state) in board.plan.trials.iter().zip(&board.trials) {
        if !state.status.has_result() || planned.contains(&trial.id) || !plan.seeds.contains(&trial.seed) {
            continue;
        }
        let cell = &board.plan.cells[trial.cell];
        let now = plan.cells.iter().find(|now| now.arm == cell.arm && now.params == cell.params);
        let changed = now.map(|now| changed_keys(&cell.config, &now.config)).unwrap_or_default();
        count += usize::from(!changed.is_empty());
        keys.extend(changed);
    }
    // Studies from before there was this key do not say that they had the first images.
    let mend = match keys.contains("subset") {
        true => "\n  to keep those of the first images, write subset = \"first\" below [base]",
        false => "",
    };
    let keys: Vec<String> = keys.into_iter().map(|key| format!("`{key}`")).collect();
    let (trials, match_) = if count == 1 { ("trial", "does not match") } else { ("trials", "do not match") };
    let study = &plan.study;
    (count > 0).then(|| {
        format!(
            "{count} finished {trials} of {study} {match_} because {} changed: they are trained again{mend}",
            keys.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Provenance;
    use crate::plan::config::Probe;
    use crate::record::event::{Event, Outcome};
    use crate::run::Job;
    use crate::study::{Changes, Study};
    use std::path::Path;

    fn plan(text: &str) -> Plan {
        Study::parse(text, Path::new("a.toml"), &Changes::default()).unwrap().plan(&Provenance::default())
    }

    /// With a result for all but the first trial.
    fn trained(plan: Plan) -> Board {
        let mut board = Board::new(plan.clone());
        for trial in &plan.trials[1..] {
            let outcome = Outcome::Completed { weights_digest: String::new() };
            board.apply(&Event::TrialFinished { trial: trial.id, outcome, seconds: 1.0, counts: None });
        }
        board
    }

    #[test]
    fn measuring_less_trains_nothing_again() {
        let study = |probes: &str| plan(&format!("seeds = 3\n[base]\nhidden = [5]\nprobes = {probes}\n"));
        // What a run makes of the board, and how many trials it trains.
        let run = |board: &mut Board, mut plan: Plan| {
            plan.reuse(board.results());
            let told = notice(board, &plan);
            board.apply(&Event::StudyStarted(plan));
            assert_eq!(board.plan.check(), Ok(()));
            (board.missing().len(), told)
        };
        // The first of three trials has no result.
        let more = r#"["updates", "weights", "updates"]"#;
        let mut board = trained(study(more));
        let ids = |board: &Board| board.plan.trials.iter().map(|trial| trial.id).collect::<Vec<_>>();
        let (first, named) = (study(r#"["weights"]"#).trials[0].id, ids(&board));
        assert_eq!(run(&mut board, study(r#"["weights"]"#)), (1, None));
        // What is trained now measures no more than is asked for; what was trained keeps its name.
        assert_eq!(ids(&board), [first, named[1], named[2]]);
        assert_eq!(Job::of_plan(&board.plan, &[0, 1])[0].config.probes, [Probe::Weights]);
        assert_eq!(Job::of_plan(&board.plan, &[0, 1])[1].config.probes, [Probe::Weights, Probe::Updates]);
        // Nor does it when it is run once more, or measures less still, or for fewer seeds in between.
        assert_eq!(run(&mut board, study(r#"["weights"]"#)), (1, None));
        assert_eq!(run(&mut board, study("[]")), (1, None));
        let mut fewer = study("[]");
        fewer.trials.truncate(2);
        assert_eq!(run(&mut board, fewer), (1, None));
        assert_eq!(run(&mut board, study("[]")), (1, None));
        // What was measured is there again when it is asked for again; another probe needs another training.
        assert_eq!(run(&mut board, study(more)), (1, None));
        assert_eq!(ids(&board), named);
        let (missing, said) = run(&mut board, study(r#"["gradients"]"#));
        assert!(missing == 3 && said.unwrap().contains("2 finished trials of a do not match because `probes` changed"));
    }

    #[test]
    fn results_that_no_longer_match_are_told_with_what_has_changed() {
        let study = "seeds = 3\n[base]\nhidden = [5]\n[grid]\ndropout = [0.0, 0.5]\n";
        let board = trained(plan(study));
        let now = |from: &str, to: &str| notice(&board, &plan(&study.replace(from, to)));
        assert_eq!(
            now("[5]", "[5]\nprobes = [\"updates\"]").unwrap(),
            "5 finished trials of a do not match because `probes` changed: they are trained again"
        );
        let chosen = plan("seeds = 3\n[base]\ntrain_samples = 300\nsubset = \"first\"");
        let told = notice(&trained(chosen), &plan("seeds = 3\n[base]\ntrain_samples = 300")).unwrap();
        assert!(told.contains("because `subset` changed") && told.ends_with("write subset = \"first\" below [base]"));
        assert!(now("[5]", "[6]\nepochs = 3").unwrap().contains("`epochs`, `hidden` changed"));
        // What is asked for no more, or beside, is no change.
        assert_eq!(now("3", "4"), None);
        assert_eq!(now("seeds = 3", "seeds = 2"), None);
        assert_eq!(now("[0.0, 0.5]", "[0.5, 0.7]"), None);
    }
}
