//! What a doctor finds.

use serde_json::Value;

use crate::operator::{CLIENT, Operator};

#[test]
fn a_doctor_finds_a_deployment_well_or_says_what_to_do() {
    let operator = Operator::with_song();
    let edge = operator.start();
    let url = format!("http://{}", edge.address.unwrap());
    operator.write(
        "gatefold.toml",
        format!(
            "[edge]\nlisten = \"{}\"\nadmin = \"{}\"\nurl = \"{url}\"",
            edge.address.unwrap(),
            edge.admin.unwrap()
        ),
    );
    let probe = [
        "doctor",
        "--json",
        "--minter",
        "site.json",
        "--source",
        "files:song.wav",
        "--folder",
        "demo",
        "--client",
        CLIENT,
    ];
    let report: Value = serde_json::from_str(&operator.succeed(&probe)).unwrap();
    let states = |report: &Value| -> Vec<(String, String)> {
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|finding| (text(finding, "check"), text(finding, "state")))
            .collect()
    };
    assert_eq!(report["well"], true, "{report:#}");
    assert!(
        states(&report).iter().all(|(_, state)| state == "good"),
        "{report:#}"
    );
    let between = states(&report)
        .iter()
        .filter(|(check, _)| check == "between")
        .count();
    assert_eq!(between, 2, "{report:#}");

    drop(edge);
    let said = operator.run(&["doctor"]);
    assert_eq!(said.status.code(), Some(1));
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains(&format!(
            "WRONG        url            {url} does not answer"
        )),
        "{said}"
    );

    operator.write("gatefold.toml", "[edge]\nlistn = 1");
    let output = operator.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        states(&report)[0],
        ("configuration".to_owned(), "wrong".to_owned())
    );
}
