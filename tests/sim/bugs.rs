//! Bugs that are planted to see whether the referee finds them: each breaks one promise at the border of the core.

/// A planted bug.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bug {
    /// An intent is told durable before it is.
    SentBeforeDurable,
    /// Intents are not written at all.
    IntentsNotWritten,
    /// A result is shown before it is durable.
    ShownBeforeDurable,
    /// Results are shown and not written.
    ResultsNotWritten,
    /// That the disk failed is not said, and what it was to keep is told durable.
    DiskFailureHidden,
    /// Words that a row was not carried out are not written.
    WithdrawalsNotWritten,
    /// Of a row's entries only the first result counts in the next run.
    FirstResultOnly,
    /// An open row is begun anew.
    OpenAsFresh,
    /// An open row is taken for done.
    OpenAsDone,
    /// An open row is taken for failed.
    OpenAsFailed,
    /// An open row's mailbox is said to have been absent.
    EvidenceForged,
    /// That a row was edited is not said.
    EditHidden,
    /// Rows that were not tried are taken for done in the next run.
    FreshAsDone,
    /// A survey shows no mailbox at all.
    SurveyShowsNothing,
    /// A survey shows what is absent and the other way round.
    SurveyFlipped,
    /// The settle time is not waited for.
    NoSettle,
    /// A lost answer is told as a call that never left.
    LostAsNotSent,
    /// A lost answer is told as a refusal.
    LostAsRefused,
    /// A lost answer is told as success.
    LostAsDone,
    /// An unclear answer is told as a refusal.
    UnclearAsRefused,
    /// Something that is not the API is told as success.
    NotApiAsDone,
    /// What is the same is told as different and the other way round.
    LikenessSwapped,
    /// A mailbox that is not there is told as found.
    AbsentAsFound,
    /// A mailbox that is there is told as absent.
    FoundAsAbsent,
    /// A mailbox is not set again, and told as if it had been.
    AssertionSkipped,
    /// A look-up carries out the row.
    LookUpActs,
    /// A rehearsal carries out the row.
    RehearsalActs,
    /// 401 is told as a bad parameter.
    CredentialsAsParameters,
    /// 403 is told as "later".
    RatePlanAsBusy,
    /// 404 to an update is told as success.
    AbsentUpdateAsDone,
    /// Nobody waits for anybody.
    WaitsRemoved,
    /// Success is not needed where it is.
    SuccessNotNeeded,
    /// The rows of a lane change places.
    OrderReversed,
    /// The calls of the run before are forgotten.
    PaceForgotten,
    /// Twice as many calls as allowed.
    RateDoubled,
    /// The time that the switch asks to wait is not waited.
    WaitIgnored,
    /// An interruption is not heard.
    InterruptionIgnored,
    /// Every call is sent twice.
    SentTwice,
    /// The replies of two calls change places.
    RepliesCrossed,
    /// What is said of rows that stay open does not reach the report.
    LeftOpenDropped,
    /// The row's content is that of the row before it in the file.
    ContentOfAnother,
}

impl Bug {
    /// Every planted bug.
    pub(crate) const ALL: [Self; 41] = [
        Self::SentBeforeDurable,
        Self::IntentsNotWritten,
        Self::ShownBeforeDurable,
        Self::ResultsNotWritten,
        Self::DiskFailureHidden,
        Self::WithdrawalsNotWritten,
        Self::FirstResultOnly,
        Self::OpenAsFresh,
        Self::OpenAsDone,
        Self::OpenAsFailed,
        Self::EvidenceForged,
        Self::EditHidden,
        Self::FreshAsDone,
        Self::SurveyShowsNothing,
        Self::SurveyFlipped,
        Self::NoSettle,
        Self::LostAsNotSent,
        Self::LostAsRefused,
        Self::LostAsDone,
        Self::UnclearAsRefused,
        Self::NotApiAsDone,
        Self::LikenessSwapped,
        Self::AbsentAsFound,
        Self::FoundAsAbsent,
        Self::AssertionSkipped,
        Self::LookUpActs,
        Self::RehearsalActs,
        Self::CredentialsAsParameters,
        Self::RatePlanAsBusy,
        Self::AbsentUpdateAsDone,
        Self::WaitsRemoved,
        Self::SuccessNotNeeded,
        Self::OrderReversed,
        Self::PaceForgotten,
        Self::RateDoubled,
        Self::WaitIgnored,
        Self::InterruptionIgnored,
        Self::SentTwice,
        Self::RepliesCrossed,
        Self::LeftOpenDropped,
        Self::ContentOfAnother,
    ];
}
