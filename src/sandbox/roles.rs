//! Who may call what: the functions, the roles, and which customers a role reaches. Knows no
//! person and no customer.

use serde::Deserialize;

/// A function of the switch that the sandbox has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Function {
    Create,
    Update,
    Get,
    List,
    Delete,
}

impl Function {
    /// The function of a path below the API's root, with or without the slash at its end.
    pub(super) fn of(path: &str) -> Option<Self> {
        let all = [Self::Create, Self::Update, Self::Get, Self::List, Self::Delete];
        let path = path.strip_suffix('/').unwrap_or(path);
        all.into_iter().find(|it| it.path() == path)
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Create => "mailboxes/create",
            Self::Update => "mailboxes/update",
            Self::Get => "mailboxes/get",
            Self::List => "mailboxes/list",
            Self::Delete => "mailboxes/delete",
        }
    }

    /// A caller needs one of these.
    fn wants(self) -> &'static [Privilege] {
        match self {
            Self::Create | Self::Delete => &[Privilege::Administrator],
            Self::Update | Self::Get => {
                &[Privilege::Administrator, Privilege::Residential, Privilege::User]
            }
            Self::List => &[Privilege::Features, Privilege::Residential, Privilege::User],
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Privilege {
    Administrator,
    Features,
    Residential,
    User,
}

/// What a person is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// Everything, at every customer.
    SystemOwner,
    /// Everything, at its customer and those below.
    Reseller,
    /// Everything, at its customer.
    Administrator,
    /// As an administrator, but may not list.
    CreateOnly,
    /// Its customer's mailboxes, without making or deleting any.
    Residential,
    /// Its own mailboxes, without making or deleting any.
    User,
}

/// Which customers a role reaches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reach {
    All,
    Below,
    Own,
}

impl Role {
    const ALL: [Self; 6] = [
        Self::SystemOwner,
        Self::Reseller,
        Self::Administrator,
        Self::CreateOnly,
        Self::Residential,
        Self::User,
    ];

    /// The name in the store and in seed files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SystemOwner => "system_owner",
            Self::Reseller => "reseller",
            Self::Administrator => "administrator",
            Self::CreateOnly => "create_only",
            Self::Residential => "residential",
            Self::User => "user",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    pub(super) fn may(self, function: Function) -> bool {
        function.wants().iter().any(|it| self.privileges().contains(it))
    }

    pub(super) fn reach(self) -> Reach {
        match self {
            Self::SystemOwner => Reach::All,
            Self::Reseller => Reach::Below,
            Self::Administrator | Self::CreateOnly | Self::Residential | Self::User => Reach::Own,
        }
    }

    /// Whether it sees nothing but the mailboxes that it owns.
    pub(super) fn own_mailboxes_only(self) -> bool {
        self == Self::User
    }

    fn privileges(self) -> &'static [Privilege] {
        match self {
            Self::SystemOwner | Self::Reseller | Self::Administrator => {
                &[Privilege::Administrator, Privilege::Features]
            }
            Self::CreateOnly => &[Privilege::Administrator],
            Self::Residential => &[Privilege::Residential],
            Self::User => &[Privilege::User],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_may_call_what_its_privileges_allow() {
        let all =
            [Function::Create, Function::Update, Function::Get, Function::List, Function::Delete];
        let seen = Role::ALL.map(|role| (role.name(), all.map(|it| role.may(it))));
        assert_eq!(
            seen,
            [
                ("system_owner", [true; 5]),
                ("reseller", [true; 5]),
                ("administrator", [true; 5]),
                ("create_only", [true, true, true, false, true]),
                ("residential", [false, true, true, true, false]),
                ("user", [false, true, true, true, false]),
            ]
        );
    }

    #[test]
    fn a_function_is_found_with_and_without_the_last_slash() {
        let seen = ["mailboxes/get", "mailboxes/get/", "mailboxes/get//", "mailboxes", ""]
            .map(Function::of);
        assert_eq!(seen, [Some(Function::Get), Some(Function::Get), None, None, None]);
    }

    #[test]
    fn every_role_is_found_by_the_name_it_is_stored_under() {
        let seen = Role::ALL.map(|it| (Role::named(it.name()), from_json(it.name())));
        assert_eq!(seen, Role::ALL.map(|it| (Some(it), Some(it))));
    }

    fn from_json(name: &str) -> Option<Role> {
        serde_json::from_str(&format!("\"{name}\"")).ok()
    }
}
