//! `/api/v1/passes`: stewards' passes as organisers make them, look after them and take them back; and
//! `/api/v1/steward/code`, where a short code is exchanged for one.
//!
//! A pass is in an answer once, when it is made, and never in an address, a log or the journal.

mod tries;

use std::sync::Arc;

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use self::tries::Tries;
use super::{
    Shared,
    admission::{Refusal, same_site},
    api::{ApiError, ORGANISER, Organiser},
    qr,
    site::Site,
};
use crate::{
    domain::{
        board::Board,
        code::Code,
        fact::Fact,
        gathering::Slug,
        grant::{Denial, Grant, GrantError, ID_LETTERS, id_from_random},
        grants::Denied,
        handout::{Asked, Desk, Drawn, Exchanged},
        moment::{Moment, MomentError, WallTime, Zone},
        pass::{Pass, Role, SECRET_BYTES},
        post::Post,
        time::UnixMillis,
    },
    hub::Hub,
};

/// What nobody on the way may keep a copy of.
const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// How often an id is drawn that is taken already, before something must be wrong.
const MAX_DRAWS: usize = 16;

/// What is said of every code that is not good, whatever the reason.
const CODE_REFUSED: &str = "This code is not good at this gathering now. Check both; if they are right, ask whoever gave it to you for a link.";

impl From<GrantError> for ApiError {
    fn from(error: GrantError) -> Self {
        let status = match error {
            GrantError::Gathering(_) | GrantError::Unknown(_) => StatusCode::NOT_FOUND,
            GrantError::Revoked(_)
            | GrantError::Over(_)
            | GrantError::ByCode { .. }
            | GrantError::Organisers(_)
            | GrantError::TooMany => StatusCode::CONFLICT,
            GrantError::Label(_) | GrantError::Backwards | GrantError::Past | GrantError::TooLong => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        };
        Self::new(status, error.reason(), &error)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status(), refusal.reason(), &refusal.say())
    }
}

/// An instant, as a program or as a person gives it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum When {
    /// Unix milliseconds.
    At(UnixMillis),
    /// A date and time of day in the zone of the moment.
    Wall(String),
}

impl When {
    fn instant(&self, moment: &Moment) -> Result<UnixMillis, ApiError> {
        match self {
            Self::At(at) => Ok(*at),
            Self::Wall(text) => {
                let wall: WallTime = text.parse().map_err(MomentError::from)?;
                let zone = Zone::named(&moment.zone).map_err(MomentError::from)?;
                Ok(zone.resolve(wall).map_err(MomentError::from)?)
            }
        }
    }
}

/// A window that is asked for, in part or not at all.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Times {
    from: Option<When>,
    until: Option<When>,
}

impl Times {
    fn instants(&self, moment: &Moment) -> Result<(Option<UnixMillis>, Option<UnixMillis>), ApiError> {
        let instant = |when: &Option<When>| when.as_ref().map(|when| when.instant(moment)).transpose();
        Ok((instant(&self.from)?, instant(&self.until)?))
    }
}

/// A pass that is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    gathering: Slug,
    post: Post,
    #[serde(default)]
    label: String,
    #[serde(flatten)]
    times: Times,
    /// Whether there is to be a short code too.
    #[serde(default)]
    code: bool,
}

/// What is to be done with one.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(super) enum Order {
    /// Take it back for good.
    Revoke,
    /// Exchange it for a new one.
    Rotate,
    /// Give it another window; the moment's day if nothing is said.
    Window {
        #[serde(flatten)]
        times: Times,
    },
}

/// A code and the gathering it is good at.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    gathering: String,
    code: String,
}

/// A pass as it is shown this once.
#[derive(Serialize)]
struct Shown {
    id: String,
    pass: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The address that is the pass.
    link: String,
    /// The same as a drawing.
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<String>,
    gathering: Option<Slug>,
    post: Option<Post>,
    label: String,
    from: UnixMillis,
    until: UnixMillis,
}

impl Shown {
    fn of(grant: Grant, drawn: &Drawn, site: &Site) -> Self {
        let pass = drawn.pass.reveal();
        let link = site.address(&format!("/steward#{pass}"));
        let code = drawn.code.as_ref().filter(|_| grant.code.is_some()).map(Code::reveal);
        let Grant { id, gathering, post, label, from, until, .. } = grant;
        Self { id, pass, code, qr: qr::svg(&link), link, gathering, post, label, from, until }
    }
}

/// What else is asked for beside the passes.
#[derive(Debug, Deserialize)]
pub(super) struct Also {
    /// The gatherings that passes can be made for: all, also those that the public does not find.
    #[serde(default)]
    gatherings: bool,
}

/// Every pass that was given out, and what became of it.
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    _: Organiser,
    wanted: Result<Query<Also>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(Also { gatherings }) = wanted?;

    let hub = &shared.hub;
    let (now, moment) = (hub.clock().now(), hub.moment());
    let passes: Vec<Value> = hub.read(|board| {
        let devices = board.grants().devices_by_code();
        let row = |grant: &Arc<Grant>| {
            let devices = devices.get(grant.id.as_str()).copied().unwrap_or_default();
            row(hub, board, grant, devices, now, &moment)
        };
        board.grants().iter().map(row).collect()
    });
    let mut list = json!({ "now": now, "zone": moment.zone, "passes": passes });
    if gatherings {
        let all =
            |board: &Board| board.gatherings().map(|g| json!({ "id": g.slug, "name": g.name })).collect::<Value>();
        list["gatherings"] = hub.read(all);
    }
    Ok((NO_STORE, Json(list)).into_response())
}

fn row(hub: &Hub, board: &Board, grant: &Grant, devices: usize, now: UnixMillis, moment: &Moment) -> Value {
    let grants = board.grants();
    let seen = hub.sightings(&grant.id);
    let refused: serde_json::Map<String, Value> =
        seen.refused.iter().map(|(why, times)| (why.as_str().to_owned(), json!(times))).collect();
    let name = grant.gathering.as_ref().and_then(|slug| board.gathering(slug)).map(|gathering| &gathering.name);
    json!({
        "id": grant.id,
        "role": grant.role,
        "gathering": grant.gathering,
        "name": name,
        "post": grant.post,
        "label": grant.label,
        "from": grant.from,
        "until": grant.until,
        "state": grants.standing(grant, now).as_str(),
        "covers_moment": grant.window().contains(moment.at),
        "code": grant.code.is_some(),
        "devices": devices,
        "by_code_of": grant.by_code_of,
        "open": seen.open,
        "seen": seen.seen,
        "refused": refused,
        "refused_at": seen.refused_at,
    })
}

/// Makes a steward's pass.
pub(super) async fn make(
    State(shared): State<Arc<Shared>>,
    _: Organiser,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(Wanted { gathering, post, label, times, code }) = wanted?;
    let hub = &shared.hub;
    let (grant, drawn) = hub
        .write(ORGANISER, |board, moment, now| {
            let (from, until) = times.instants(moment)?;
            let asked = Asked { gathering, post, label, from, until };
            let drawn = draw(board, code)?;
            let grant = desk(hub, board, moment, now).make(&asked, &drawn)?;
            Ok::<_, ApiError>((vec![Fact::Grant(grant.clone())], (grant, drawn)))
        })
        .await?;
    tracing::info!(grant = grant.id, gathering = ?grant.gathering, "a steward's pass was made");
    Ok((NO_STORE, Json(Shown::of(grant, &drawn, &Site::of(&shared, &headers)))).into_response())
}

/// Takes one back, exchanges it, or gives it another window.
pub(super) async fn change(
    State(shared): State<Arc<Shared>>,
    _: Organiser,
    Path(id): Path<String>,
    headers: HeaderMap,
    order: Result<Json<Order>, JsonRejection>,
) -> Result<Response, ApiError> {
    let Json(order) = order?;
    match order {
        Order::Revoke => revoke(&shared.hub, &id).await?,
        Order::Window { times } => set_window(&shared.hub, &id, &times).await?,
        Order::Rotate => return rotate(&shared, &id, &headers).await,
    }
    let hub = &shared.hub;
    let (now, moment) = (hub.clock().now(), hub.moment());
    let row = hub.read(|board| {
        let grants = board.grants();
        grants.get(&id).map(|grant| row(hub, board, grant, grants.devices(&id), now, &moment))
    });
    Ok((NO_STORE, Json(row)).into_response())
}

async fn revoke(hub: &Hub, id: &str) -> Result<(), ApiError> {
    let revoked = hub
        .write(ORGANISER, |board, moment, now| {
            let revoked = desk(hub, board, moment, now).revoke(id)?;
            Ok::<_, ApiError>((revoked.clone().into_iter().map(Fact::Grant).collect(), revoked))
        })
        .await?;
    if let Some(Grant { id, .. }) = revoked {
        tracing::info!(grant = id, "a pass was revoked");
    }
    Ok(())
}

async fn set_window(hub: &Hub, id: &str, times: &Times) -> Result<(), ApiError> {
    let changed = hub
        .write(ORGANISER, |board, moment, now| {
            let (from, until) = times.instants(moment)?;
            let changed = desk(hub, board, moment, now).set_window(id, from, until)?;
            Ok::<_, ApiError>((changed.clone().into_iter().map(Fact::Grant).collect(), changed))
        })
        .await?;
    if let Some(Grant { id, from, until, .. }) = changed {
        tracing::info!(grant = id, from = from.0, until = until.0, "a pass was given another window");
    }
    Ok(())
}

async fn rotate(shared: &Shared, id: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let hub = &shared.hub;
    let (grant, drawn) = hub
        .write(ORGANISER, |board, moment, now| {
            let drawn = draw(board, true)?;
            let Exchanged { new, old } = desk(hub, board, moment, now).exchange(id, &drawn)?;
            Ok::<_, ApiError>((vec![Fact::Grant(new.clone()), Fact::Grant(old)], (new, drawn)))
        })
        .await?;
    tracing::info!(grant = grant.id, old = id, "a pass was exchanged for a new one");
    Ok((NO_STORE, Json(Shown::of(grant, &drawn, &Site::of(shared, headers)))).into_response())
}

/// A short code for a pass; open to everybody, so in small steps, and without a word on what was wrong.
pub(super) async fn by_code(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    typed: Result<Json<Typed>, JsonRejection>,
) -> Result<Response, ApiError> {
    same_site(&headers, &shared.settings)?;
    let Json(typed) = typed?;
    let hub = &shared.hub;
    // Under the pen, so that of many at once no more than the last is the last that may.
    let pass = hub
        .write("short code", |board, moment, now| {
            let gathering = typed.gathering.trim().to_lowercase().parse::<Slug>().ok();
            let gathering = gathering.filter(|slug| board.gathering(slug).is_some());
            let gathering = gathering.ok_or_else(|| refused(hub, &Denial::Wrong.into()))?;
            if shared.tries.are_over(&gathering) {
                return Err(too_many_tries());
            }
            let exchange = || {
                let code: Code = typed.code.parse().map_err(|_| Denied::from(Denial::Wrong))?;
                let drawn = draw(board, false).map_err(|_| Denied::from(Denial::TooMany))?;
                let grant = desk(hub, board, moment, now).by_code(&gathering, &code, &drawn)?;
                Ok::<_, Denied>((vec![Fact::Grant(grant)], drawn.pass))
            };
            exchange().map_err(|denied| {
                shared.tries.note(&gathering);
                refused(hub, &denied)
            })
        })
        .await?;
    Ok((NO_STORE, Json(json!({ "pass": pass.reveal() }))).into_response())
}

fn refused(hub: &Hub, denied: &Denied) -> ApiError {
    hub.denied(denied);
    ApiError::new(StatusCode::FORBIDDEN, Refusal::Pass.reason(), &CODE_REFUSED)
}

fn too_many_tries() -> ApiError {
    let say = "There were too many wrong codes for this gathering. Wait a minute, and look closely.";
    ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", &say)
}

fn desk<'a>(hub: &'a Hub, board: &'a Board, moment: &Moment, now: UnixMillis) -> Desk<'a> {
    Desk { board, node: hub.node(), now, moment: moment.at }
}

/// Draws what a new steward's pass is made of, from the operating system.
fn draw(board: &Board, code: bool) -> Result<Drawn, ApiError> {
    let random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|_| fault("the system gives no random numbers"));
    let (mut secret, mut number) = ([0; SECRET_BYTES], [0; 8]);
    random(&mut secret)?;
    random(&mut number)?;
    for _ in 0..MAX_DRAWS {
        let mut letters = [0; ID_LETTERS];
        random(&mut letters)?;
        let id = id_from_random(letters);
        if board.grants().get(&id).is_none() {
            let code = code.then(|| Code::from_random(u64::from_le_bytes(number)));
            return Ok(Drawn { id, pass: Pass::from_random(Role::Steward, secret), code });
        }
    }
    Err(fault("every id that was drawn is taken"))
}

fn fault(say: &'static str) -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", &say)
}
