//! 学习上传模板: a center's blank file becomes a template of the user's own rules.

use huijiao_domain::field::Field;
use huijiao_domain::filing::FilingKind;
use huijiao_domain::profile::CenterProfile;
use huijiao_domain::profile::upload::{ColumnValue, UploadColumn, UploadTemplate, literal, usual_format};
use huijiao_domain::sheet::column_letter;
use huijiao_sheets::upload::{learn, learnable};
use huijiao_sheets::{Limits, Measure, ReadChoice, SheetError, read_in_worker};

use crate::profile_form::wire;
use crate::profiles::known;
use crate::views::{Choice, LearnedColumn, LearnedTemplate, ProfileView, TemplateForm, TemplateLine, TemplateSaved};
use crate::{Desk, DeskError, text};

const NUMBER: &str = "number";
const CONSTANT: &str = "constant";
const EMPTY: &str = "empty";
const UNBOUND: &str = "unbound";

impl Desk {
    /// Learns a center's blank file for a kind of filing; nothing is kept until it is saved.
    ///
    /// # Errors
    /// `desk-ticket-gone`, `desk-no-such-profile`; a file that cannot be read, or has no titles.
    pub fn template_learn(&self, ticket: &str, kind: &str, profile: &str) -> Result<LearnedTemplate, DeskError> {
        let kind = FilingKind::parse(kind).filter(|kind| kind.from_sheet());
        let kind = kind.ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))?;
        let (profile, _) = known(&self.inner(), profile)?;
        let limits = Limits::default();
        let large = |_: &str| SheetError::TooLarge { measure: Measure::FileBytes, limit: limits.file_bytes }.into();
        let (_, bytes) = self.bytes_of_ticket(ticket, limits.file_bytes, large)?;
        let book = read_in_worker(&self.config.worker, bytes.clone(), &ReadChoice::default(), &limits)?;
        let learned = learn(&book, &bytes, kind, &profile)?;
        let template = learned.template;
        let own = [(NUMBER, "序号"), (CONSTANT, "固定内容"), (EMPTY, "留空")];
        let fields = learnable(kind).into_iter();
        let choices = fields.map(|field| Choice { value: field.as_str().into(), label: kind.title(field).into() });
        // Where the center has one file for a kind, a newly learned one takes its place.
        let old = profile.upload_templates.iter().find(|one| one.kind == kind && one.only.is_none());
        Ok(LearnedTemplate {
            kind: kind.as_str().into(),
            name: old.map_or(&template.name, |old| &old.name).clone(),
            replaces: old.is_some(),
            file: wire(&template.file),
            keeps_blank: template.blank.is_some(),
            columns: (0..).zip(&template.columns).map(|(place, column)| column_of(place, column)).collect(),
            choices: choices
                .chain(own.map(|(value, label)| Choice { value: value.into(), label: label.into() }))
                .collect(),
            notes: learned.notes.iter().map(ToString::to_string).collect(),
            template: serde_json::to_string(&template).map_err(|error| DeskError::Internal(error.to_string()))?,
        })
    }

    /// Puts a learned template among the user's own rules, in the place of one of the same kind and name.
    ///
    /// # Errors
    /// `desk-locked`, `desk-profile-not-own`; `desk-bad-arguments` for what was not learned here.
    pub fn template_save(&self, profile: &str, form: &TemplateForm) -> Result<TemplateSaved, DeskError> {
        let bad = || DeskError::refusal(DeskError::BAD_ARGUMENTS);
        let mut template: UploadTemplate = serde_json::from_str(&form.template).map_err(|_| bad())?;
        if form.columns.len() != template.columns.len() {
            return Err(bad());
        }
        form.name.trim().clone_into(&mut template.name);
        for (column, wanted) in template.columns.iter_mut().zip(&form.columns) {
            bind(column, wanted).ok_or_else(bad)?;
        }
        let problems: Vec<String> = template.problems().iter().map(ToString::to_string).collect();
        if !problems.is_empty() {
            return Ok(TemplateSaved { saved: false, problems });
        }
        self.change_templates(profile, |templates| {
            let same = |one: &UploadTemplate| one.kind == template.kind && one.name == template.name;
            match templates.iter_mut().find(|one| same(one)) {
                Some(one) => *one = template,
                None => templates.push(template),
            }
        })
    }

    /// Takes a template out of the user's own rules.
    ///
    /// # Errors
    /// As [`Desk::template_save`].
    pub fn template_delete(&self, profile: &str, kind: &str, name: &str) -> Result<ProfileView, DeskError> {
        self.change_templates(profile, |templates| {
            templates.retain(|one| one.kind.as_str() != kind || one.name != name);
        })?;
        self.profile(profile)
    }

    fn change_templates(
        &self,
        profile: &str,
        change: impl FnOnce(&mut Vec<UploadTemplate>),
    ) -> Result<TemplateSaved, DeskError> {
        let mut inner = self.inner();
        let at = text::stamp(self.now(&inner));
        let own = inner.store()?.profile::<CenterProfile>(profile)?;
        let mut own = own.ok_or_else(|| DeskError::refusal_with(DeskError::PROFILE_NOT_OWN, "profile", profile))?;
        change(&mut own.upload_templates);
        // What the templates say against each other counts; what else the rules may lack does not stop this.
        let found = huijiao_domain::profile::validate(&own);
        let among = found.iter().filter(|problem| problem.pointer.starts_with("/upload_templates"));
        let problems: Vec<String> = among.map(ToString::to_string).collect();
        if !problems.is_empty() {
            return Ok(TemplateSaved { saved: false, problems });
        }
        inner.store()?.put_profile(profile, &own, Some(profile), &at)?;
        inner.follow_rules(&own);
        Ok(TemplateSaved { saved: true, problems: Vec::new() })
    }
}

/// The templates of a profile, as a list.
pub(crate) fn lines(profile: &CenterProfile) -> Vec<TemplateLine> {
    let line = |template: &UploadTemplate| TemplateLine {
        kind: template.kind.as_str().into(),
        kind_name: template.kind.label().into(),
        name: template.name.clone(),
        file: wire(&template.file),
        columns: u32::try_from(template.columns.len()).unwrap_or(u32::MAX),
        keeps_blank: template.blank.is_some(),
    };
    profile.upload_templates.iter().map(line).collect()
}

fn column_of(place: u16, column: &UploadColumn) -> LearnedColumn {
    let (holds, text) = match &column.value {
        ColumnValue::Field(field) => (field.as_str(), String::new()),
        ColumnValue::Constant(text) => (CONSTANT, text.clone()),
        ColumnValue::RunningNumber => (NUMBER, String::new()),
        ColumnValue::Empty => (EMPTY, String::new()),
        ColumnValue::Unbound => (UNBOUND, String::new()),
    };
    let (letter, title) = (column_letter(place), column.title());
    LearnedColumn { letter, title, holds: holds.into(), text, required: column.required }
}

/// Binds a column; `None` for what no column holds.
fn bind(column: &mut UploadColumn, wanted: &LearnedColumn) -> Option<()> {
    column.required = wanted.required;
    let value = match wanted.holds.as_str() {
        NUMBER => ColumnValue::RunningNumber,
        EMPTY => ColumnValue::Empty,
        UNBOUND => ColumnValue::Unbound,
        // What is typed is meant as it stands: no placeholders.
        CONSTANT => ColumnValue::Constant(literal(wanted.text.trim())),
        field => ColumnValue::Field(Field::parse(field)?),
    };
    if column.value != value {
        if let ColumnValue::Field(field) = value {
            column.format = usual_format(field);
            column.codes.clear();
        }
        column.value = value;
    }
    Some(())
}
