//! What cities have published: to be looked up, and to be taken out as a file of rules that can be completed.

use huijiao_domain::city::{self, CAUTION, CityPolicy};
use huijiao_domain::money::Yuan;

use crate::views::{CitiesView, CityLine, CitySourceView, CityView};
use crate::{Desk, DeskError};

impl Desk {
    /// The cities whose name or province holds a text; needs no session.
    ///
    /// # Errors
    /// None today; as every step.
    pub fn cities(&self, find: &str) -> Result<CitiesView, DeskError> {
        let cities: Vec<CityLine> = city::find(find).map(line).collect();
        let as_of = city::all().first().map(|city| city.as_of.to_string()).unwrap_or_default();
        Ok(CitiesView { caution: CAUTION.into(), as_of, total: city::all().len(), cities })
    }

    /// One city with everything that is known of it.
    ///
    /// # Errors
    /// `desk-no-such-city`.
    pub fn city(&self, name: &str) -> Result<CityView, DeskError> {
        let city = named(name)?;
        let source = |source: &city::CitySource| CitySourceView {
            title: source.title.clone(),
            url: source.url.clone(),
            date: source.date.clone(),
        };
        Ok(CityView {
            line: line(city),
            profile: city.code(),
            official_site: city.official_site.clone(),
            effective_from: city.effective_from.map(|month| month.to_string()),
            effective_to: city.effective_to.map(|month| month.to_string()),
            note: city.note.clone(),
            sources: city.sources.iter().map(source).collect(),
            as_of: city.as_of.to_string(),
            caution: CAUTION.into(),
        })
    }
}

fn named(name: &str) -> Result<&'static CityPolicy, DeskError> {
    city::by_name(name).ok_or_else(|| DeskError::refusal_with(DeskError::NO_SUCH_CITY, "city", name))
}

fn line(city: &CityPolicy) -> CityLine {
    let source = city.sources.first();
    CityLine {
        city: city.city.clone(),
        province: city.province.clone(),
        base_floor: city.base_floor.as_ref().map(Yuan::to_string),
        base_ceiling: city.base_ceiling.as_ref().map(Yuan::to_string),
        ratio: city.ratio_text.clone(),
        period: city.period_text.clone(),
        source_title: source.map(|source| source.title.clone()),
        source_date: source.map(|source| source.date.clone()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;
    use std::sync::Arc;

    use huijiao_domain::profile::{CenterProfile, validate};
    use huijiao_sheets::WorkerProgram;
    use serde_json::{Value, json};
    use tempfile::TempDir;

    use super::*;
    use crate::ports::SystemClock;
    use crate::views::ExportedFile;
    use crate::{DeskConfig, KeyringUse, calls};

    fn desk(folder: &Path) -> Arc<Desk> {
        Arc::new(Desk::new(DeskConfig {
            folder: folder.join("data"),
            export_folder: folder.join("导出"),
            worker: WorkerProgram::current().unwrap(),
            keyring: KeyringUse::None,
            clock: Arc::new(SystemClock),
            practice: None,
            updates: None,
            tokens: huijiao_signing::Tokens::none(),
            pauses: Vec::new(),
            version: "0".into(),
        }))
    }

    /// As a screen asks, with nothing unlocked and nobody logged in.
    async fn ask(desk: &Arc<Desk>, command: &str, args: Value) -> Result<Value, String> {
        assert!(calls::COMMANDS.contains(&command), "{command} can be reached from a window");
        calls::call(desk, command, args).await.map_err(|error| error.code)
    }

    #[tokio::test]
    async fn cities_are_found_by_name_and_province() {
        let folder = TempDir::new().unwrap();
        let desk = desk(folder.path());
        let all: CitiesView = serde_json::from_value(ask(&desk, "cities", json!({})).await.unwrap()).unwrap();
        assert_eq!((all.cities.len(), all.total), (136, 136), "nothing asked for, everything shown");
        assert_eq!((all.caution.as_str(), all.as_of.as_str()), ("以中心公布为准", "2026-08-20"), "beside the figures");
        let hunan = ask(&desk, "cities", json!({ "find": "湖南" })).await.unwrap();
        let hunan: CitiesView = serde_json::from_value(hunan).unwrap();
        assert!(hunan.cities.len() < 10 && hunan.cities.iter().all(|city| city.province == "湖南省"), "{hunan:?}");
        let hengyang = hunan.cities.iter().find(|city| city.city == "衡阳").unwrap();
        assert_eq!(hengyang.base_ceiling.as_deref(), Some("21142.00"), "an amount is a text with two places");
        assert_eq!(hengyang.source_date.as_deref(), Some("2026-07-29"), "the date of its source");
        assert!(!folder.path().join("data").exists(), "looking up writes nothing");
    }

    #[tokio::test]
    async fn one_city_is_shown_whole_and_what_is_unknown_is_absent() {
        let folder = TempDir::new().unwrap();
        let desk = desk(folder.path());
        let city = async |name: &str| {
            serde_json::from_value::<CityView>(ask(&desk, "city", json!({ "city": name })).await.unwrap()).unwrap()
        };
        let huangshi = city("黄石").await;
        assert_eq!(huangshi.effective_to.as_deref(), Some("2026-06"), "its year has ended");
        assert!(huangshi.sources[0].url.starts_with("https://"), "{huangshi:?}");
        let jiaozuo = city("焦作").await;
        assert_eq!((jiaozuo.line.base_floor, jiaozuo.line.base_ceiling), (None, None), "never zero");
        assert!(jiaozuo.note.unwrap().contains("请向中心核实"), "whom to ask");
        assert_eq!(ask(&desk, "city", json!({ "city": "火星" })).await.unwrap_err(), DeskError::NO_SUCH_CITY);
        assert_eq!(ask(&desk, "city", json!({ "city": 7 })).await.unwrap_err(), DeskError::BAD_ARGUMENTS);
    }

    #[tokio::test]
    async fn rules_are_taken_out_as_a_file_that_can_be_read_back() {
        let folder = TempDir::new().unwrap();
        let desk = desk(folder.path());
        let gone = ask(&desk, "profile_export", json!({ "profile": "city:../焦作" })).await.unwrap_err();
        assert_eq!(gone, DeskError::NO_SUCH_PROFILE, "a city, not a path");
        assert!(!folder.path().join("导出").exists(), "a refusal writes nothing");

        let exported = ask(&desk, "profile_export", json!({ "profile": "city:焦作" })).await.unwrap();
        let exported: ExportedFile = serde_json::from_value(exported).unwrap();
        let path = Path::new(&exported.folder).join(&exported.file);
        assert_eq!(path, folder.path().join("导出").join("焦作-公积金规则.json"), "where the user looks for it");
        let profile: CenterProfile = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(profile, CenterProfile::from_city(city::by_name("焦作").unwrap()), "the same rules");
        assert_eq!(validate(&profile), [], "which can be worked with");

        std::fs::remove_dir_all(folder.path().join("导出")).unwrap();
        std::fs::write(folder.path().join("导出"), "").unwrap();
        let refused = ask(&desk, "profile_export", json!({ "profile": "city:焦作" })).await.unwrap_err();
        assert_eq!(refused, "desk-file-write", "a folder that cannot be made is said");
    }
}
