//! The table of checks: what `verify-ep` looks at, what it finds wrong, how bad that is and what mends it.
//!
//! A row here is all that a check and its problems are as data. Who finds them is in `verify`; what people read of them
//! in `wording/checks.rs`, which does not compile without a sentence for each.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

use super::{CheckStatus, LaterName};

/// What has to happen before a check passes again; the greater one is needed where a check found several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mending {
    /// Another build, published.
    Export,
    /// Something of the shop, the CDN or the gate: another build would be the same.
    Elsewhere,
    /// Another address: what stands there says nothing of the feed.
    Address,
}

/// Makes the sets of checks and of problems, and what is known of each, of one table.
macro_rules! checks {
    ($($check:ident: $needs_table:literal, $about:literal {
        $($kind:ident: $severity:ident, $mending:ident, $what:literal;)*
    })*) => {
        /// The checks, in the order in which they are told.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr,
        )]
        #[serde(rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case")]
        pub(crate) enum CheckId {
            $(#[doc = $about] $check,)*
            /// Of a later version.
            #[serde(untagged)]
            #[strum(disabled)]
            Later(LaterName),
        }

        /// What a check finds wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumIter)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum ProblemKind {
            $($(#[doc = $what] $kind,)*)*
            /// The check could not be made, mostly because the file could not be read.
            NotChecked,
            /// Of a later version.
            #[serde(untagged)]
            #[strum(disabled)]
            Later(LaterName),
        }

        impl CheckId {
            /// Whether it can only be made of a table that was read to its end.
            pub(crate) fn needs_table(self) -> bool {
                match self {
                    $(Self::$check => $needs_table,)*
                    Self::Later(_) => false,
                }
            }
        }

        impl ProblemKind {
            /// The check that finds it; any check may not have been made.
            pub(crate) fn check(self) -> Option<CheckId> {
                match self {
                    $($(Self::$kind)|* => Some(CheckId::$check),)*
                    Self::NotChecked | Self::Later(_) => None,
                }
            }

            /// How bad it is.
            pub(crate) fn severity(self) -> CheckStatus {
                match self {
                    $($(Self::$kind => CheckStatus::$severity,)*)*
                    Self::NotChecked | Self::Later(_) => CheckStatus::Warn,
                }
            }

            /// What mends it.
            pub(crate) fn mending(self) -> Mending {
                match self {
                    $($(Self::$kind => Mending::$mending,)*)*
                    Self::NotChecked | Self::Later(_) => Mending::Export,
                }
            }
        }
    };
}

// A check, whether it needs a whole table, what it is about; of each problem how bad it is, what mends it, what it is.
checks! {
    Reachable: false, "Status, content type, time." {
        NoAnswer: Fail, Elsewhere, "No answer: DNS, connection, TLS, reset.";
        BadStatus: Fail, Elsewhere, "Another status than 200.";
        CutOff: Fail, Elsewhere, "The file broke off before its end.";
        TooSlow: Fail, Elsewhere, "Longer than `VERIFY_TIMEOUT`.";
        TooBig: Fail, Elsewhere, "More bytes than `VERIFY_MAX_BYTES`.";
        ContentType: Warn, Elsewhere, "A content type that is not text.";
        Html: Fail, Address, "An HTML page where the feed should be.";
    }
    Fresh: false, "The build is of the newest export slot due." {
        NeverPublished: Warn, Export, "Nothing was ever published by us.";
        Unrecorded: Warn, Export, "Nothing is recorded as published, but the file says that it is a build of ours.";
        Stale: Warn, Export, "The published build is older than the newest export slot due.";
        HeldBack: Warn, Elsewhere, "The newest export that was due made a build that was held back.";
        Chosen: Warn, Export, "Somebody published an older build on purpose.";
        TooOld: Fail, Export, "The published build is older than `VERIFY_MAX_AGE`.";
    }
    Identical: false, "The bytes are those of the published build." {
        OlderBuild: Fail, Elsewhere, "An older build of ours, the CDN has not followed yet.";
        ForeignFile: Fail, Export, "Nobody's build.";
    }
    Encoding: true, "UTF-8, no BOM." {
        NotUtf8: Fail, Export, "Bytes that are no UTF-8.";
        LooksLikeCp949: Fail, Export, "Text in EUC-KR or CP949.";
        SomeDestroyed: Warn, Export, "A thousandth of the titles or more was destroyed before it came here.";
        ManyDestroyed: Fail, Elsewhere, "A hundredth of the titles or more was destroyed before it came here.";
        Bom: Warn, Export, "A byte order mark at the start.";
        Utf16: Fail, Export, "UTF-16.";
        Gzip: Fail, Export, "Gzip, which readers would have to unpack first.";
    }
    Header: true, "Column names known, required ones present, none twice." {
        Empty: Fail, Export, "The file is empty.";
        OldFormat: Fail, Export, "The format before this one, EP 2.0.";
        OtherSeparator: Fail, Export, "Columns that something else than a TAB parts.";
        MissingColumn: Fail, Export, "A required column is missing.";
        RepeatedColumn: Fail, Export, "A column stands twice.";
        UnknownColumn: Warn, Export, "A name that no guide knows.";
    }
    Shape: true, "Fields per row, control characters." {
        FieldCount: Fail, Export, "Fewer or more fields than the header; of a header, more than any file has.";
        ControlCharacter: Fail, Export, "A control character inside a value.";
        CarriageReturn: Warn, Export, "A carriage return at the end of the row.";
        LoneCarriageReturn: Fail, Export, "The first row holds carriage returns where line feeds should end rows.";
        TrailingTab: Warn, Export, "Header or rows that end in a TAB.";
        BlankLastLine: Warn, Export, "An empty line after the last row.";
        Quoted: Fail, Export, "Values in quotes.";
        NoFinalLineEnd: Warn, Export, "No line end after the last row.";
        RowTooLong: Fail, Export, "A row, or a header, longer than we read.";
    }
    RequiredValues: true, "Required columns are filled." {
        EmptyRequired: Fail, Export, "A required value is empty.";
    }
    UniqueIds: true, "No id twice." {
        RepeatedId: Fail, Export, "An id stands twice.";
        TooManyIds: Warn, Export, "More ids than are compared.";
    }
    Formats: true, "Each value keeps its column's rule." {
        BadValue: Fail, Export, "A value breaks its column's rule.";
        IgnoredValue: Warn, Export, "A value breaks its column's rule, and the row is taken without it.";
        Entity: Warn, Export, "An HTML entity in a value.";
        InvisibleCharacter: Warn, Export, "A character in a value that nobody sees.";
        PrivateHost: Fail, Export, "A link into a private network.";
    }
    RowCount: true, "Cap, and change against the record." {
        NoRows: Fail, Export, "No rows.";
        OverCap: Fail, Export, "More rows than `EP_MAX_ROWS`.";
        RowsDiffer: Warn, Export, "Another number of rows than the record says.";
        SummaryFile: Warn, Export, "Only what changed, a summary EP.";
    }
    Prices: true, "No zero or absurd prices; the median against earlier publications." {
        ZeroPrice: Fail, Elsewhere, "Zero.";
        OddPrice: Warn, Elsewhere, "Far too low or far too high for a product.";
        ListPriceNotAbove: Warn, Elsewhere, "A list price that is not above the price.";
        MedianMoved: Warn, Elsewhere, "The median is far from that of the publication before.";
        MedianJumped: Fail, Elsewhere, "The median is a multiple or a fraction of that of the publication before.";
    }
    Sanctions: false, "Nothing that Naver punishes shops for." {
        RepeatedTitle: Warn, Elsewhere, "One title on many products.";
        RepeatedImage: Warn, Elsewhere, "One image on many products.";
        OneLink: Warn, Elsewhere, "One link for most products.";
        PhoneNumber: Warn, Elsewhere, "A phone number in a title.";
        Promotion: Warn, Elsewhere, "A promotion phrase in a title.";
    }
    Alive: false, "A sample of pages and images opens." {
        DeadPage: Warn, Elsewhere, "A page of the sample does not open.";
        DeadImage: Warn, Elsewhere, "An image of the sample does not open.";
        MostlyDead: Fail, Elsewhere, "More than half of the sample does not open.";
        HostRefuses: Warn, Elsewhere, "A host that refuses everything of the sample.";
        HostDead: Warn, Elsewhere, "A host of which nothing of the sample opens.";
        PageElsewhere: Warn, Elsewhere, "A page of the sample leads to another one.";
        PagePrice: Warn, Elsewhere, "A page of the sample says another price than its row.";
        PageNotSold: Warn, Elsewhere, "A page of the sample says that its product cannot be ordered.";
        PageOther: Warn, Elsewhere, "A page of the sample is about a product of another number.";
        PageMembersPrice: Pass, Elsewhere, "A page of the sample says the members' price.";
        PageNewer: Pass, Elsewhere, "A page of the sample says another price, and was changed since the build.";
        NotAnImage: Warn, Elsewhere, "What opens is no image.";
        ImageSize: Warn, Elsewhere, "An image is too small or too large.";
        NoneAnswered: Warn, Elsewhere, "Not one page or image answered at all.";
    }
    ScheduleKept: false, "Today's exports left a record." {
        MissedRun: Warn, Export, "An export of today was due and left no record.";
    }
}

impl CheckId {
    /// The name, as in settings and answers.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Later(later) => later.as_str(),
            known => known.into(),
        }
    }
}
