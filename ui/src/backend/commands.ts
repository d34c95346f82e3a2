import type { Backend, Handed } from "./backend";
import type {
  CenterForm,
  CenterLook,
  CertificateView,
  JoinedLine,
  JoinWay,
  AboutView,
  ActivationCodeView,
  CertificatesView,
  CertificateTaken,
  RevocationReason,
  AuditFilter,
  IdScreen,
  IdShown,
  ReadyLine,
  AuditView,
  Erased,
  OlderBackupsGone,
  RootLine,
  SafetyView,
  BackupChoice,
  BackupLine,
  BackupsView,
  ApprovalDone,
  ApprovalLines,
  ApprovalsView,
  ApprovalView,
  CalibrationView,
  CitiesView,
  CityView,
  ColumnValues,
  ComparisonDecision,
  ComparisonFilter,
  ComparisonMend,
  ComparisonPage,
  ComparisonsView,
  ConnectionTest,
  ComparisonView,
  ContributorsView,
  ContributorView,
  DraftView,
  EditOp,
  ExportedFile,
  ErrorsExported,
  FilingAtCenter,
  FilingView,
  FindingsView,
  GridFilter,
  HelpPageView,
  HelpPagesView,
  HomeView,
  ImportChoice,
  LearnedTemplate,
  KindGroup,
  MonthView,
  NoticesView,
  OpenedView,
  OrderForm,
  LoanCeilingView,
  PageView,
  PaperForm,
  PaperView,
  PaymentsView,
  PracticeAct,
  Preferences,
  PreviewView,
  PulseView,
  ProfileForm,
  ProfileProblemView,
  ProfileSaved,
  ProfileView,
  ProfilesView,
  QueryForm,
  QueryView,
  Replaced,
  Replacement,
  ReceiptChainView,
  ReleaseView,
  RestoreView,
  ReviewView,
  SamplesView,
  SearchView,
  SessionView,
  StartView,
  StatementView,
  StepView,
  TemplateExported,
  TemplateForm,
  TemplateSaved,
  Ticket,
  TokenSearchView,
  UnitForm,
  UnitLine,
  UnitsMonth,
  UnitSplit,
  UnitSaved,
  UploadExported,
  UploadRefusals,
  UploadStage,
  FigureKey,
  VerificationPeople,
  VerificationView,
} from "./types";

/** Every command of the core, typed. */
export function commands(backend: Backend) {
  return {
    kind: backend.kind,
    chooseWorkbook: (): Promise<Ticket | null> => backend.chooseWorkbook(),
    chooseWorkbooks: (): Promise<readonly Handed[]> => backend.chooseWorkbooks(),
    chooseProfile: (): Promise<Ticket | null> => backend.chooseProfile(),
    chooseAttachment: () => backend.chooseAttachment(),
    chooseBackup: () => backend.chooseBackup(),
    chooseFolder: () => backend.chooseFolder(),
    chooseSigned: () => backend.chooseSigned(),
    chooseKeyFile: () => backend.chooseKeyFile(),
    chooseModule: () => backend.chooseModule(),
    chooseRoot: () => backend.chooseRoot(),
    askSecret: backend.askSecret?.bind(backend),
    dropSecret: backend.dropSecret?.bind(backend),
    openedFile: () => backend.openedFile(),
    onOpened: backend.onOpened.bind(backend),
    onDropped: backend.onDropped.bind(backend),
    onDragging: backend.onDragging.bind(backend),

    start: () => backend.call<StartView>("start", {}),
    unlock: (passphrase: string) => backend.call<StartView>("unlock", { passphrase }),
    setPassphrase: (passphrase: string) => backend.call<StartView>("set_passphrase", { passphrase }),
    /** The backups of this computer, also while its data cannot be opened. */
    backups: () => backend.call<BackupsView>("backups", {}),
    /** Makes one in the folder of this ticket, or in the export folder. */
    backupMake: (ticket: string | null) => backend.call<ExportedFile>("backup_make", { ticket }),
    /** Reads a whole one and proves it. */
    backupCheck: (name: string) => backend.call<BackupLine>("backup_check", { name }),
    /** Has the automatic ones go into the folder of this ticket, or beside the data again. */
    backupFolderSet: (ticket: string | null) => backend.call<BackupsView>("backup_folder_set", { ticket }),
    /** Sets or changes the passphrase under which backups open elsewhere. */
    passphraseChange: (passphrase: string) => backend.call<BackupsView>("passphrase_change", { passphrase }),
    restoreLook: (choice: BackupChoice) => backend.call<RestoreView>("restore_look", { choice }),
    /** Puts a backup in the place of the data. */
    restore: (choice: BackupChoice, passphrase: string) => backend.call<StartView>("restore", { choice, passphrase }),
    /** What was chosen on this computer, also before the data are open. */
    preferences: () => backend.call<Preferences>("preferences", {}),
    /** `password`: of the proxy, where one was typed; it goes into the system's keyring. */
    preferencesSet: (preferences: Preferences, password: string | null = null) =>
      backend.call<Preferences>("preferences_set", { preferences, password }),
    about: () => backend.call<AboutView>("about", {}),
    /** A newer program that is announced, where there is one. */
    updateLook: () => backend.call<ReleaseView | null>("update_look", {}),
    /** Fetches, proves and installs the release that was shown; the program may end within it. */
    updateInstall: (version: string) => backend.call<null>("update_install", { version }),
    /** Lays the sample workbooks into the export folder. */
    samplesExport: () => backend.call<SamplesView>("samples_export", {}),
    /** What technical support asks for; nothing in it is about anybody. */
    diagnosticsExport: () => backend.call<ExportedFile>("diagnostics_export", {}),
    /** How far the way to the center is open. */
    connectionTest: () => backend.call<ConnectionTest>("connection_test", {}),
    /** What filing needs, and how each thing stands. */
    readiness: () => backend.call<ReadyLine[]>("readiness", {}),
    notices: () => backend.call<NoticesView>("notices", {}),
    /** Notes that the user has looked at these. */
    noticesRead: (keys: readonly string[]) => backend.call<NoticesView>("notices_read", { keys }),
    /** Locks the screen: nothing is shown until it is unlocked. */
    lock: () => backend.call<StartView>("lock", {}),
    /** By the PIN of this certificate; by the passphrase for an empty one. */
    unlockScreen: (certificate: string, secret: string) =>
      backend.call<StartView>("unlock_screen", { certificate, secret }),
    safety: () => backend.call<SafetyView>("safety", {}),
    safetySet: (lock_minutes: number, masked: boolean, retention_days: number) =>
      backend.call<SafetyView>("safety_set", { lock_minutes, masked, retention_days }),
    /** The log says that a whole ID number is shown on this screen. */
    idShown: (screen: IdScreen) => backend.call<IdShown>("id_shown", { screen }),
    /** Erases copies that are kept no longer; says what it was. */
    erase: () => backend.call<Erased>("erase", {}),
    olderBackupsDelete: () => backend.call<OlderBackupsGone>("older_backups_delete", {}),
    /** The log of operations. */
    audit: (filter: AuditFilter) => backend.call<AuditView>("audit", { filter }),
    auditExport: () => backend.call<ExportedFile>("audit_export", {}),
    enterDemo: () => backend.call<SessionView>("enter_demo", {}),
    home: () => backend.call<HomeView>("home", {}),
    /** Looks for tokens anew. */
    tokenSearch: () => backend.call<TokenSearchView>("token_search", {}),
    /** By the ticket of a driver; `null` for none any more. */
    tokenModule: (ticket: string | null) => backend.call<TokenSearchView>("token_module", { ticket }),
    /** Logs in at the center with a certificate of one's own choice. */
    logIn: (certificate: string, pin: string) => backend.call<SessionView>("log_in", { certificate, pin }),
    refresh: () => backend.call<SessionView>("refresh", {}),
    /** Whether anything changed since a screen was filled. */
    pulse: () => backend.call<PulseView>("pulse", {}),
    /** The kinds of filings, as the navigation groups them. */
    kinds: () => backend.call<KindGroup[]>("kinds", {}),

    importPreview: (choice: ImportChoice) => backend.call<PreviewView>("import_preview", { choice }),
    importAccept: (choice: ImportChoice) => backend.call<DraftView>("import_accept", { choice }),
    /** How far the long step under way is: an import, a printed form, a marked workbook. */
    step: () => backend.call<StepView>("step", {}),
    /** Gives it up; it is then rejected with `sheet-cancelled` or `desk-given-up`, and leaves nothing behind. */
    stepCancel: () => backend.call<null>("step_cancel", {}),

    comparisons: () => backend.call<ComparisonsView>("comparisons", {}),
    /** Compares a payroll, as it was previewed, with the roster. */
    compareOpen: (choice: ImportChoice) => backend.call<ComparisonView>("compare_open", { choice }),
    comparison: (comparison: string) => backend.call<ComparisonView>("comparison", { comparison }),
    comparisonPage: (comparison: string, filter: ComparisonFilter, page: number) =>
      backend.call<ComparisonPage>("comparison_page", { comparison, filter, page }),
    compareDecide: (comparison: string, revision: number, decision: ComparisonDecision) =>
      backend.call<ComparisonView>("compare_decide", { comparison, revision, decision }),
    /** Mends a cell of the payroll, which stays as it is on disk, and compares anew. */
    compareMend: (comparison: string, revision: number, mend: ComparisonMend) =>
      backend.call<ComparisonView>("compare_mend", { comparison, revision, mend }),
    /** Takes the last decision back; once more, and it is taken again. */
    compareUndo: (comparison: string, revision: number) =>
      backend.call<ComparisonView>("compare_undo", { comparison, revision }),
    /** Confirms the warnings of one code with a note; `null` takes the confirmation back. */
    compareConfirm: (comparison: string, revision: number, code: string, note: string | null) =>
      backend.call<ComparisonView>("compare_confirm", { comparison, revision, code, note }),
    /** Asks the center about everybody new whom it was not asked about. */
    compareLookup: (comparison: string) => backend.call<ComparisonView>("compare_lookup", { comparison }),
    /** Makes a draft of every kind of filing that was decided. */
    compareToDrafts: (comparison: string, revision: number) =>
      backend.call<ComparisonView>("compare_to_drafts", { comparison, revision }),
    /** Takes back every draft that was made and is still worked on, together. */
    compareTakeBack: (comparison: string, revision: number) =>
      backend.call<ComparisonView>("compare_take_back", { comparison, revision }),
    comparisonDelete: (comparison: string) => backend.call<ComparisonsView>("comparison_delete", { comparison }),

    draft: (draft: string, filter: GridFilter) => backend.call<DraftView>("draft", { draft, filter }),
    draftPage: (draft: string, filter: GridFilter, page: number) =>
      backend.call<PageView>("draft_page", { draft, filter, page }),
    draftFindings: (draft: string, filter: GridFilter, code: string | null, offset: number) =>
      backend.call<FindingsView>("draft_findings", { draft, filter, code, offset }),
    draftEdit: (draft: string, revision: number, ops: EditOp[], filter: GridFilter) =>
      backend.call<DraftView>("draft_edit", { draft, revision, ops, filter }),
    /** Takes every proposal of one code, as one step that is undone at once. */
    draftFix: (draft: string, revision: number, code: string, filter: GridFilter) =>
      backend.call<DraftView>("draft_fix", { draft, revision, code, filter }),
    draftUndo: (draft: string, revision: number, filter: GridFilter) =>
      backend.call<DraftView>("draft_undo", { draft, revision, filter }),
    draftRedo: (draft: string, revision: number, filter: GridFilter) =>
      backend.call<DraftView>("draft_redo", { draft, revision, filter }),
    /** Confirms the warnings of one code with a note; `null` takes the confirmation back. */
    draftConfirm: (draft: string, revision: number, code: string, note: string | null, filter: GridFilter) =>
      backend.call<DraftView>("draft_confirm", { draft, revision, code, note, filter }),
    /** A draft to be filled in by hand. */
    draftNew: (kind: string, period: string, with_roster = false) =>
      backend.call<DraftView>("draft_new", { kind, period, with_roster }),
    /** Asks the center about everybody in the draft whom it has not been asked about. */
    draftLookup: (draft: string, filter: GridFilter) => backend.call<DraftView>("draft_lookup", { draft, filter }),
    /** The user's own units, at centers without a gateway. */
    units: () => backend.call<UnitLine[]>("units", {}),
    /** The root certificates of a file, to be compared before a unit's signatures are judged by them. */
    unitRoots: (ticket: string) => backend.call<RootLine[]>("unit_roots", { ticket }),
    unitSave: (form: UnitForm, replaces: boolean) => backend.call<UnitSaved>("unit_save", { form, replaces }),
    /** Every unit and how far its month is; of them those that a few letters fit. */
    unitsMonth: (find: string) => backend.call<UnitsMonth>("units_month", { find }),
    /** Splits a sheet of many units into a workbook for each. */
    unitSplit: (ticket: string, encoding?: string) => backend.call<UnitSplit>("unit_split", { ticket, encoding }),
    /** Leaves the open unit for the start page. */
    unitLeave: () => backend.call<null>("unit_leave", {}),
    unitEnter: (account: string) => backend.call<SessionView>("unit_enter", { account }),
    /** The center's newest export as the roster of the open unit. */
    unitRoster: (ticket: string, encoding?: string) => backend.call<SessionView>("unit_roster", { ticket, encoding }),
    /** The user's units at centers with a gateway. */
    unitsJoined: () => backend.call<JoinedLine[]>("units_joined", {}),
    /** Asks a center who it is; nothing is kept. */
    centerLook: (form: CenterForm) => backend.call<CenterLook>("center_look", { ...form }),
    /** How far the way to a center is open that is not joined yet. */
    centerTest: (form: CenterForm) => backend.call<ConnectionTest>("center_test", { ...form }),
    unitJoin: (center: CenterForm, account: string, way: JoinWay, pin: string) =>
      backend.call<SessionView>("unit_join", { center, account, way, pin }),
    /** The certificates by which one can log in there. */
    unitKeys: (account: string) => backend.call<CertificateView[]>("unit_keys", { account }),
    unitLogIn: (account: string, certificate: string, pin: string) =>
      backend.call<SessionView>("unit_log_in", { account, certificate, pin }),
    unitForget: (account: string) => backend.call<UnitLine[]>("unit_forget", { account }),
    /** Writes the draft as the center's own file. */
    uploadExport: (draft: string, revision: number, filter: GridFilter) =>
      backend.call<UploadExported>("upload_export", { draft, revision, filter }),
    /** Adds a paper to a draft. */
    draftAttach: (draft: string, revision: number, ticket: string, filter: GridFilter) =>
      backend.call<DraftView>("draft_attach", { draft, revision, ticket, filter }),
    /** Takes a paper out of a draft. */
    draftDetach: (draft: string, revision: number, place: number, filter: GridFilter) =>
      backend.call<DraftView>("draft_detach", { draft, revision, place, filter }),
    uploadOutcome: (
      draft: string,
      revision: number,
      answer: { stage: UploadStage; number: string; note: string },
      filter: GridFilter,
    ) => backend.call<DraftView>("upload_outcome", { draft, revision, ...answer, filter }),
    /** The center's list of refused rows, brought back onto the rows. */
    uploadRefusals: (draft: string, revision: number, ticket: string, filter: GridFilter) =>
      backend.call<UploadRefusals>("upload_refusals", { draft, revision, ticket, filter }),
    /** The workbook that the draft came from, with the findings in it. */
    draftExportErrors: (draft: string) => backend.call<ErrorsExported>("draft_export_errors", { draft }),
    /** What stands in a column, to be filtered by. */
    draftValues: (draft: string, filter: GridFilter, field: string) =>
      backend.call<ColumnValues>("draft_values", { draft, filter, field }),
    /** One text in the place of another, as one step; or only how many cells that would be. */
    draftReplace: (draft: string, revision: number, replacement: Replacement, filter: GridFilter) =>
      backend.call<Replaced>("draft_replace", { draft, revision, replacement, filter }),
    draftDelete: (draft: string) => backend.call<HomeView>("draft_delete", { draft }),
    /** Brings the draft back that was deleted last. */
    draftRestore: (draft: string) => backend.call<HomeView>("draft_restore", { draft }),

    /** A blank workbook for a kind of filing. */
    templateExport: (kind: string) => backend.call<TemplateExported>("template_export", { kind }),

    review: (draft: string) => backend.call<ReviewView>("review", { draft }),
    signAndSubmit: (draft: string, revision: number, digest: string, certificate: string, pin: string) =>
      backend.call<FilingView>("sign_and_submit", { draft, revision, digest, certificate, pin }),

    /** The month as a path. */
    month: () => backend.call<MonthView>("month", {}),
    /** The chart of the months as the PNG that was drawn (base64); as a workbook for `null`. */
    chartExport: (picture: string | null) => backend.call<ExportedFile>("chart_export", { picture }),
    /** The table of the months from the first unverified one to `through`; the first one alone for `null`. */
    verification: (through: string | null) => backend.call<VerificationView>("verification", { through }),
    /** Who is behind a figure of a month, verified or not. */
    verificationPeople: (month: string, figure: FigureKey, page: number) =>
      backend.call<VerificationPeople>("verification_people", { month, figure, page }),
    payments: () => backend.call<PaymentsView>("payments", {}),
    /** What will be signed for something made from the center's books. */
    orderReview: (order: OrderForm) => backend.call<ReviewView>("order_review", { order }),
    orderSign: (order: OrderForm, fingerprint: string, digest: string, certificate: string, pin: string) =>
      backend.call<FilingView>("order_sign", { order, fingerprint, digest, certificate, pin }),
    /** What happens outside of the unit, in the practice only. */
    practice: (act: PracticeAct) => backend.call<null>("practice", { act }),

    /** What waits for an approver, and what was signed here. */
    approvals: () => backend.call<ApprovalsView>("approvals", {}),
    approvalReview: (filing: string) => backend.call<ApprovalView>("approval_review", { filing }),
    /** A filing that was handed over as a file. */
    approvalOpen: (ticket: string) => backend.call<ApprovalView>("approval_open", { ticket }),
    approvalLines: (filing: string, page: number) => backend.call<ApprovalLines>("approval_lines", { filing, page }),
    /** Writes the papers of the reviewed filing to a folder. */
    approvalPapers: (filing: string) => backend.call<{ folder: string }>("approval_papers", { filing }),
    approvalSign: (filing: string, fingerprint: string, certificate: string, pin: string) =>
      backend.call<ApprovalDone>("approval_sign", { filing, fingerprint, certificate, pin }),
    approvalReturn: (filing: string, fingerprint: string, reason: string, certificate: string, pin: string) =>
      backend.call<ApprovalDone>("approval_return", { filing, fingerprint, reason, certificate, pin }),
    approvalToFile: (filing: string, fingerprint: string, certificate: string, pin: string) =>
      backend.call<ExportedFile>("approval_to_file", { filing, fingerprint, certificate, pin }),
    /** Returns it into a file for its clerk, where the center has no gateway. */
    approvalReturnToFile: (filing: string, fingerprint: string, reason: string, certificate: string, pin: string) =>
      backend.call<ExportedFile>("approval_return_to_file", { filing, fingerprint, reason, certificate, pin }),
    /** Sends again what was signed and has no answer yet. */
    approvalSend: (filing: string) => backend.call<ApprovalDone>("approval_send", { filing }),
    /** Brings the file with the approver's signature in. */
    approvalBring: (filing: string, ticket: string) => backend.call<FilingView>("approval_bring", { filing, ticket }),

    filing: (filing: string) => backend.call<FilingView>("filing", { filing }),
    /** Asks the center for the result; the same bytes are sent again where they never arrived. */
    ask: (filing: string) => backend.call<FilingView>("ask", { filing }),
    /** Takes a filing back: signed and kept before it is sent. */
    filingWithdraw: (filing: string, reason: string, certificate: string, pin: string) =>
      backend.call<FilingView>("filing_withdraw", { filing, reason, certificate, pin }),
    /** Turns a refused filing into a draft again. */
    filingReopen: (filing: string) => backend.call<DraftView>("filing_reopen", { filing }),
    filingExport: (filing: string, ticket: string | null) =>
      backend.call<{ folder: string }>("filing_export", { filing, ticket }),
    /** The accounts that a registration opened, as far as the roster has them. */
    filingAccounts: (filing: string) => backend.call<OpenedView>("filing_accounts", { filing }),
    filingAccountsExport: (filing: string) => backend.call<ExportedFile>("filing_accounts_export", { filing }),

    /** What cities have published; by name or province, all of them for an empty text. */
    cities: (find: string) => backend.call<CitiesView>("cities", { find }),
    city: (city: string) => backend.call<CityView>("city", { city }),

    /** The rules there are: the open center's, the user's own, those that come with the program. */
    profiles: () => backend.call<ProfilesView>("profiles", {}),
    profile: (profile: string) => backend.call<ProfileView>("profile", { profile }),
    /** What is wrong with a form while it is filled in. */
    profileCheck: (form: ProfileForm, base: string) =>
      backend.call<ProfileProblemView[]>("profile_check", { form, base }),
    /** Saves a form as the user's own, in the place of the own one named `replaces`. */
    profileSave: (form: ProfileForm, base: string, replaces: string | null) =>
      backend.call<ProfileSaved>("profile_save", { form, base, replaces }),
    /** Reads a file of rules; nothing is kept until it is saved. */
    profileImport: (ticket: string) => backend.call<ProfileView>("profile_import", { ticket }),
    /** Writes rules to a file, with the mappings of columns remembered here if wanted. */
    profileExport: (profile: string, mappings: boolean) =>
      backend.call<ExportedFile>("profile_export", { profile, mappings }),
    profileDelete: (profile: string) => backend.call<ProfilesView>("profile_delete", { profile }),
    /** A center's blank file as a template to complete; nothing is kept yet. */
    templateLearn: (ticket: string, kind: string, profile: string) =>
      backend.call<LearnedTemplate>("template_learn", { ticket, kind, profile }),
    templateSave: (profile: string, form: TemplateForm) =>
      backend.call<TemplateSaved>("template_save", { profile, form }),
    templateDelete: (profile: string, kind: string, name: string) =>
      backend.call<ProfileView>("template_delete", { profile, kind, name }),
    /** Contributors of the roster by name, account or end of the ID number. */
    /** `places`: names of screens that are searched too. */
    search: (find: string, places: readonly string[]) => backend.call<SearchView>("search", { find, places }),
    contributors: (find: string) => backend.call<ContributorsView>("contributors", { find }),
    /** One contributor with what there is to answer; `sealed_on` is empty for no day. */
    contributor: (account: string, sealed_on: string) =>
      backend.call<ContributorView>("contributor", { account, sealed_on }),
    /** What the center's formula gives; the coefficient is empty unless the center told it. */
    loanCeiling: (balance: string, months: string, coefficient: string) =>
      backend.call<LoanCeilingView>("loan_ceiling", { balance, months, coefficient }),
    /** A bank statement held against the orders to pay. */
    statementMatch: (ticket: string, encoding?: string) =>
      backend.call<StatementView>("statement_match", { ticket, encoding }),
    /** A page of what a query finds; `fresh` asks the center anew. */
    query: (form: QueryForm, page: number, fresh: boolean) => backend.call<QueryView>("query", { form, page, fresh }),
    receiptChain: () => backend.call<ReceiptChainView>("receipt_chain", {}),
    /** The whole of what a query found as a workbook. */
    queryExport: (form: QueryForm) => backend.call<ExportedFile>("query_export", { form }),
    /** A filing as the center has it, wherever it was made; by its 业务流水号. */
    queryFiling: (number: string) => backend.call<FilingAtCenter>("query_filing", { number }),
    /** The pages of the help that say these words; all of them for an empty text. */
    helpPages: (find: string) => backend.call<HelpPagesView>("help_pages", { find }),
    /** A page by its name, or by the code of a finding or an error. */
    helpPage: (page: string) => backend.call<HelpPageView>("help_page", { page }),
    /** A form as it would be printed. */
    paper: (form: PaperForm) => backend.call<PaperView>("paper", { form }),
    /** Writes it to the user's folder. */
    paperSave: (form: PaperForm) => backend.call<ExportedFile>("paper_save", { form }),
    /** Writes it, and opens it in the system's own reader. */
    paperOpen: (form: PaperForm) => backend.call<ExportedFile>("paper_open", { form }),
    /** The certificates of this computer, and what the center has of the operator's. */
    certificates: () => backend.call<CertificatesView>("certificates", {}),
    /** A new key, and its certificate for an activation code. Goes on with a key that waits. */
    certificateEnrol: (code: string, pin: string) => backend.call<CertificateTaken>("certificate_enrol", { code, pin }),
    /** Forgets a key that waits for its certificate. */
    certificateAbandon: () => backend.call<null>("certificate_abandon", {}),
    /** Takes a key that came as a file, under a PIN of its own. */
    certificateImport: (ticket: string, password: string, pin: string) =>
      backend.call<CertificateTaken>("certificate_import", { ticket, password, pin }),
    certificateRenew: (certificate: string, pin: string, new_pin: string) =>
      backend.call<CertificateTaken>("certificate_renew", { certificate, pin, new_pin }),
    /** Reports a certificate lost, signed with another one. */
    certificateLost: (sha256: string, reason: RevocationReason, certificate: string, pin: string) =>
      backend.call<null>("certificate_lost", { sha256, reason, certificate, pin }),
    certificatePin: (certificate: string, pin: string, new_pin: string) =>
      backend.call<null>("certificate_pin", { certificate, pin, new_pin }),
    /** Logs in with another certificate. */
    /** What the practice center's counter hands over. */
    activationCode: () => backend.call<ActivationCodeView>("activation_code", {}),
    /** Compares an accepted list with every method; the ratios hold where the list has none. */
    calibrate: (choice: ImportChoice, unit_ratio: string, personal_ratio: string) =>
      backend.call<CalibrationView>("calibrate", { choice, unit_ratio, personal_ratio }),
  };
}

/** The commands as the screens hold them. */
export type Desk = ReturnType<typeof commands>;
