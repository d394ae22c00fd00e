//! Metrics in CloudWatch's embedded format: a line on standard output, no call and no permission.

use cutover_core::metrics::{Metric, NAMESPACE, Unit};
use metrics::{Label, describe_histogram, histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};

/// Where the numbers of an invocation go.
pub struct Embedded(&'static Collector);

impl Embedded {
    /// `None` when the process has a recorder of its own already: then there are no metrics, and the function works.
    #[must_use]
    pub fn start(environment: &str, function: &str) -> Option<Self> {
        let builder = Builder::new()
            .cloudwatch_namespace(NAMESPACE)
            .with_dimension("Environment", environment.to_owned())
            .with_dimension("Function", function.to_owned());
        builder.init().ok().map(Self)
    }

    /// Writes the numbers of one invocation, which each line names.
    pub fn write(&self, metrics: &[Metric], request_id: &str) {
        for metric in metrics {
            record(metric);
        }
        let collector = self.0.set_property("RequestId", request_id.to_owned());
        // Whoever reads the metrics can do without one line; the answer cannot wait for it.
        let _written = collector.flush(std::io::stdout());
    }
}

fn record(metric: &Metric) {
    let labels: Vec<Label> = metric
        .label
        .iter()
        .map(|(name, value)| Label::new(*name, value.clone()))
        .collect();
    let unit = match metric.unit {
        Unit::Count => Some(metrics::Unit::Count),
        Unit::Percent => Some(metrics::Unit::Percent),
        Unit::Seconds => Some(metrics::Unit::Seconds),
        Unit::Milliseconds => Some(metrics::Unit::Milliseconds),
        Unit::None => None,
    };
    if let Some(unit) = unit {
        describe_histogram!(metric.name, unit, "");
    }
    // A histogram tells what was recorded, a zero too. A gauge would tell its last value again when there is none,
    // and a counter zero: what nobody knows must not look healthy.
    histogram!(metric.name, labels).record(metric.value);
}
