//! Greek letters and small digits in ASCII, for file names and LaTeX.

const NAMES: [(char, &str); 34] = [
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('ι', "iota"),
    ('κ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    // The sign of micro.
    ('µ', "mu"),
    ('ν', "nu"),
    ('ξ', "xi"),
    ('π', "pi"),
    ('ρ', "rho"),
    ('σ', "sigma"),
    ('τ', "tau"),
    ('υ', "upsilon"),
    ('φ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Γ', "Gamma"),
    ('Δ', "Delta"),
    ('Θ', "Theta"),
    ('Λ', "Lambda"),
    ('Ξ', "Xi"),
    ('Π', "Pi"),
    ('Σ', "Sigma"),
    ('Φ', "Phi"),
    ('Ψ', "Psi"),
    ('Ω', "Omega"),
];

/// LaTeX's name of a Greek letter. `None` for letters that look like Latin ones, which have none, and for all others.
pub fn name(letter: char) -> Option<&'static str> {
    NAMES.iter().find(|(greek, _)| *greek == letter).map(|&(_, name)| name)
}

/// The digit of a subscript digit: `1` for that of β₁.
pub fn subscript(letter: char) -> Option<char> {
    digit(u32::from(letter).checked_sub(0x2080)?)
}

/// The digit of a superscript digit: `2` for that of R².
pub fn superscript(letter: char) -> Option<char> {
    match letter {
        '¹' => Some('1'),
        '²' => Some('2'),
        '³' => Some('3'),
        _ => digit(u32::from(letter).checked_sub(0x2070)?).filter(|digit| !"123".contains(*digit)),
    }
}

fn digit(value: u32) -> Option<char> {
    char::from_digit(value, 10)
}
