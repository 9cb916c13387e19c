//! What the site counts of its answers. All lists are closed: no label carries a path, a person or a
//! token.

use std::time::Duration;

use gatefold_ops::metrics::{Counters, Exposition, Gauge, Histogram, Kind};
use http::{Method, StatusCode};

const METHODS: [&str; 5] = ["get", "head", "post", "delete", "other"];
/// 429 stands for itself, because it is looked for.
const STATUSES: [&str; 6] = ["2xx", "3xx", "4xx", "429", "5xx", "other"];
const KINDS: usize = METHODS.len() * STATUSES.len();
const BOUNDS: [Duration; 7] = [
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(25),
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_millis(2500),
    Duration::from_secs(10),
];

/// The site's counters.
pub struct Metrics {
    answers: Counters<KINDS>,
    in_flight: Gauge,
    times: Histogram<7>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            answers: Counters::default(),
            in_flight: Gauge::default(),
            times: Histogram::new(BOUNDS),
        }
    }
}

impl Metrics {
    /// A request has come.
    pub(crate) fn began(&self) {
        self.in_flight.up();
    }

    /// It is not being answered any more: it has its answer, or whoever asked has left.
    pub(crate) fn ended(&self) {
        self.in_flight.down();
    }

    /// It has its answer.
    pub(crate) fn answered(&self, method: &Method, status: StatusCode, took: Duration) {
        let place = method_place(method)
            .saturating_mul(STATUSES.len())
            .saturating_add(status_place(status));
        self.answers.add(place, 1);
        self.times.record(took);
    }

    /// Everything, in the text format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = Exposition::default();
        text.family(
            "gatefold_site_answers_total",
            "Answers of the site, by method and status.",
            Kind::Counter,
        );
        let kinds = METHODS
            .iter()
            .flat_map(|method| STATUSES.iter().map(move |status| (method, status)));
        for (place, (method, status)) in kinds.enumerate() {
            let labels = [("method", *method), ("status", *status)];
            text.sample(
                "gatefold_site_answers_total",
                &labels,
                self.answers.get(place),
            );
        }
        text.single(
            "gatefold_site_requests_in_flight",
            "Requests that are being answered.",
            Kind::Gauge,
            self.in_flight.get(),
        );
        text.histogram(
            "gatefold_site_answer_seconds",
            "How long answers took, until their body began.",
            &self.times,
        );
        text.finish()
    }
}

fn method_place(method: &Method) -> usize {
    match *method {
        Method::GET => 0,
        Method::HEAD => 1,
        Method::POST => 2,
        Method::DELETE => 3,
        _ => 4,
    }
}

fn status_place(status: StatusCode) -> usize {
    match status.as_u16() {
        200..300 => 0,
        300..400 => 1,
        429 => 3,
        400..500 => 2,
        500..600 => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_is_counted_where_it_belongs() {
        let metrics = Metrics::default();
        for (method, status) in [
            (Method::GET, 200),
            (Method::GET, 429),
            (Method::POST, 303),
            (Method::DELETE, 404),
            (Method::PATCH, 500),
            (Method::HEAD, 101),
        ] {
            metrics.began();
            let status = StatusCode::from_u16(status).unwrap();
            metrics.answered(&method, status, Duration::from_millis(3));
            metrics.ended();
        }
        metrics.began();
        let text = metrics.render();
        for line in [
            "gatefold_site_answers_total{method=\"get\",status=\"2xx\"} 1",
            "gatefold_site_answers_total{method=\"get\",status=\"429\"} 1",
            "gatefold_site_answers_total{method=\"get\",status=\"4xx\"} 0",
            "gatefold_site_answers_total{method=\"post\",status=\"3xx\"} 1",
            "gatefold_site_answers_total{method=\"delete\",status=\"4xx\"} 1",
            "gatefold_site_answers_total{method=\"other\",status=\"5xx\"} 1",
            "gatefold_site_answers_total{method=\"head\",status=\"other\"} 1",
            "gatefold_site_requests_in_flight 1",
            "gatefold_site_answer_seconds_bucket{le=\"0.001\"} 0",
            "gatefold_site_answer_seconds_bucket{le=\"0.005\"} 6",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }
}
