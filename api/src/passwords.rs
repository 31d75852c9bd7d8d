//! Which passwords are taken.

use masthead_domain::account::PasswordHash;
use masthead_domain::error::Refused;
use masthead_domain::use_cases::accounts::check_password;
use zxcvbn::Score;

use crate::credentials::{Cost, CredentialError, hash_password};

/// Refuses a password that is too short or too long, holds the e-mail address, or is one of those that are tried first:
/// on the lists of the most used ones, a word or a date with little around it, a walk over the keyboard, a repetition.
/// Takes some milliseconds of a core: call it on a blocking thread.
pub fn check(password: &str, email: &str, name: &str) -> Result<(), Refused> {
    check_password(password, email)?;
    let local = email.split('@').next().unwrap_or_default();
    // Longer ones than it looks at are not guessed.
    let guess = zxcvbn::zxcvbn(password, &[email, local, name, "masthead"]);
    if guess.score() >= Score::Two {
        return Ok(());
    }
    let message = "This password is one of the first that are guessed. Take four words that have nothing to do with each \
                   other, or have a password manager make one.";
    Err(Refused::new("common_password", message))
}

/// The hash of a new password, or why it is refused. Takes as long as checking and hashing it.
pub fn hash(
    password: &str,
    email: &str,
    name: &str,
    cost: Cost,
) -> Result<Result<PasswordHash, Refused>, CredentialError> {
    match check(password, email, name) {
        Ok(()) => hash_password(password, cost).map(Ok),
        Err(refused) => Ok(Err(refused)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        let refused = |password: &str| {
            check(password, "ada.byron@example.org", "Ada Byron").map_err(|refused| refused.code)
        };
        for common in [
            "password1234",
            "passwordpassword",
            "qwertyuiop[]",
            "aaaaaaaaaaaaaaaa",
            "123456789012",
            "iloveyou1234",
            "ada.byron1815",
            "mastheadmasthead",
        ] {
            assert_eq!(refused(common), Err("common_password"), "{common}");
        }
        for good in [
            "correct horse battery staple",
            "nanoseconds of wire, 30 cm",
            "kV9$wq-Tz1!rB0",
        ] {
            assert_eq!(refused(good), Ok(()), "{good}");
        }
        assert_eq!(refused("short"), Err("invalid_password"));
        assert_eq!(refused("my-ada.byron@example.org-1"), Err("invalid_password"));
    }
}
