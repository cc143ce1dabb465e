//! The subscriber's half of WebSub (W3C Recommendation, 23 January 2018): what a document offers, what is to be done about
//! which subscription and when, what a verification means, whether a delivery is signed. It asks nothing itself.

mod offer;
mod plan;
mod settings;
mod sign;
mod verify;

pub use offer::{offer, offer_again};
pub use plan::{Mode, Plan, Request, admits, asked, is_last, plan, refused};
pub use settings::Settings;
pub use sign::{Signed, draw, signed};
pub use verify::{Verdict, verify};
