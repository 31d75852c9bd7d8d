//! The sample articles, compiled in from `examples/content/`.

macro_rules! samples {
    ($($name:literal),+ $(,)?) => {
        /// The name and text of each.
        pub(super) const SAMPLES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../examples/content/", $name)))),+];
    };
}

samples! {
    "about.en.md",
    "every-flat-map-bends-the-truth.en.md",
    "movable-type.zh.md",
    "plain-text-example.en.md",
    "pourquoi-les-marees-tournent.fr.md",
    "sourdough-by-numbers.en.md",
    "the-height-of-an-x.en.md",
    "why-tides-turn.en.md",
}
