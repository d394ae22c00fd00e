//! Who logs in. The password is in no message and in no debug output.

#[derive(Clone)]
pub struct Login {
    pub user: String,
    pub database: String,
    password: String,
}

impl Login {
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<String>, database: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            database: database.into(),
            password: password.into(),
        }
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Login")
            .field("user", &self.user)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
