//! A query form as the tree that it spells, read into a codec's model: the codecs' own readers stop
//! short of nested structures, and take no ISO 8601 times.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::reply::epoch_seconds;

/// Between a list's name and the number of its item.
const LIST_MARK: &str = "member";
/// No form of the twin's services nests deeper; a deeper key is refused rather than followed.
const DEPTH_MAX: usize = 16;

enum Node {
    Leaf(String),
    Branch(BTreeMap<String, Node>),
}

/// Reads a form. Fields the model does not have are ignored, as AWS ignores them.
pub(crate) fn read<T: DeserializeOwned>(form: &HashMap<String, String>) -> Result<T, String> {
    let mut root = Node::Branch(BTreeMap::new());
    for (key, value) in form {
        let path: Vec<&str> = key.split('.').collect();
        if path.len() > DEPTH_MAX {
            return Err(format!("the key {key} is nested too deeply"));
        }
        root.insert(&path, value);
    }
    T::deserialize(root).map_err(|reason| reason.to_string())
}

impl Node {
    fn insert(&mut self, path: &[&str], value: &str) {
        let Some((first, rest)) = path.split_first() else {
            *self = Self::Leaf(value.to_owned());
            return;
        };
        if let Self::Leaf(_) = self {
            *self = Self::Branch(BTreeMap::new());
        }
        if let Self::Branch(children) = self {
            let child = children
                .entry((*first).to_owned())
                .or_insert_with(|| Self::Branch(BTreeMap::new()));
            child.insert(rest, value);
        }
    }

    fn parsed<T: std::str::FromStr>(&self, wanted: &str) -> Result<T, Error> {
        match self {
            Self::Leaf(text) => text
                .parse()
                .map_err(|_| Error::custom(format!("{text:?} is not {wanted}"))),
            Self::Branch(_) => Err(Error::custom(format!(
                "a structure stands where {wanted} belongs"
            ))),
        }
    }

    /// The items of a list, by their numbers.
    fn items(self) -> Vec<Self> {
        let Self::Branch(mut children) = self else {
            return Vec::new();
        };
        let Some(Self::Branch(members)) = children.remove(LIST_MARK) else {
            return Vec::new();
        };
        let mut items: Vec<(u32, Self)> = members
            .into_iter()
            .filter_map(|(number, item)| Some((number.parse().ok()?, item)))
            .collect();
        items.sort_by_key(|(number, _)| *number);
        items.into_iter().map(|(_, item)| item).collect()
    }
}

impl IntoDeserializer<'_, Error> for Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Leaf(text) => visitor.visit_string(text),
            Self::Branch(children) => visitor.visit_map(MapDeserializer::new(children.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.parsed("true or false")?)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_i32(self.parsed("an integer")?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_i64(self.parsed("an integer")?)
    }

    /// A number, or a time, which the models keep as epoch seconds.
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.parsed::<Timestamp>("a time") {
            Ok(time) => visitor.visit_f64(epoch_seconds(time)),
            Err(_) => visitor.visit_f64(self.parsed("a number or a time")?),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.items().into_iter()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u64 u128 f32 char str string bytes byte_buf unit unit_struct
        newtype_struct tuple tuple_struct map struct enum identifier
    }
}

#[cfg(test)]
mod tests {
    use winterbaume_cloudwatch::model::PutMetricDataInput;

    use super::*;
    use crate::query_form;

    #[test]
    fn lists_structures_numbers_and_times_are_read() {
        let form = query_form::parse(
            "Action=PutMetricData&Namespace=Cutover%2FDR&MetricData.member.10.MetricName=b\
             &MetricData.member.2.MetricName=a&MetricData.member.2.Value=1.5\
             &MetricData.member.2.Timestamp=1970-01-01T00%3A01%3A00Z\
             &MetricData.member.2.Dimensions.member.1.Name=Region&MetricData.member.2.Dimensions.member.1.Value=eu",
        );
        let input: PutMetricDataInput = read(&form).unwrap();
        let datums = input.metric_data.unwrap();
        let names: Vec<&str> = datums.iter().map(|datum| datum.metric_name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(datums[0].value, Some(1.5));
        assert_eq!(datums[0].timestamp, Some(60.0));
        assert_eq!(datums[0].dimensions.as_ref().unwrap()[0].value, "eu");
    }

    #[test]
    fn what_is_no_number_is_said() {
        let form = query_form::parse("MetricData.member.1.Value=much");
        let refused = read::<PutMetricDataInput>(&form).unwrap_err();
        assert!(refused.contains("much"), "{refused}");
    }
}
