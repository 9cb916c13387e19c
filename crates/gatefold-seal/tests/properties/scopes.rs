//! Patterns against models that look at whole labels.

use gatefold_seal::{ClientPattern, HostPattern};
use proptest::prelude::*;

/// Labels from so few letters that patterns and names often meet.
fn name() -> impl Strategy<Value = String> {
    let label = "[ab]{1,2}";
    prop::collection::vec(label, 1..4).prop_map(|labels| labels.join("."))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_exact_host_is_that_host(pattern in name(), host in name()) {
        let parsed: HostPattern = pattern.parse().unwrap();
        prop_assert_eq!(parsed.matches(&host), pattern == host);
    }

    #[test]
    fn a_star_stands_for_whole_labels(below in name(), host in name()) {
        let pattern: HostPattern = format!("*.{below}").parse().unwrap();
        let (below, labels): (Vec<_>, Vec<_>) =
            (below.split('.').collect(), host.split('.').collect());
        let model = labels.len() > below.len() && labels.ends_with(&below);
        prop_assert_eq!(pattern.matches(&host), model);
    }

    #[test]
    fn a_client_below_a_host_is_an_origin_below_it(below in name(), host in name()) {
        let pattern: ClientPattern = format!("https://*.{below}").parse().unwrap();
        let host_pattern: HostPattern = format!("*.{below}").parse().unwrap();
        prop_assert_eq!(pattern.matches(&format!("https://{host}")), host_pattern.matches(&host));
        for other in [
            format!("http://{host}"),
            format!("https://{host}:8443"),
            format!("https://{host}/"),
            host,
        ] {
            prop_assert!(!pattern.matches(&other), "{other}");
        }
    }

    #[test]
    fn a_client_that_begins_alike_is_covered(prefix in "[ab]{0,3}", client in "[ab]{0,5}") {
        let pattern: ClientPattern = format!("did:{prefix}*").parse().unwrap();
        let model = client.len() > prefix.len() && client.starts_with(&prefix);
        prop_assert_eq!(pattern.matches(&format!("did:{client}")), model);
    }

    #[test]
    fn a_pattern_without_a_star_covers_itself_alone(pattern in "[ab:/.]{1,8}", client in ".{0,8}") {
        let parsed: ClientPattern = pattern.parse().unwrap();
        prop_assert!(parsed.matches(&pattern));
        prop_assert_eq!(parsed.matches(&client), client == pattern);
    }

    #[test]
    fn no_text_panics_and_a_second_star_is_none(text in ".{0,20}") {
        let (host, client) = (text.parse::<HostPattern>(), text.parse::<ClientPattern>());
        if text.matches('*').count() > 1 {
            prop_assert!(host.is_err() && client.is_err());
        }
    }
}
