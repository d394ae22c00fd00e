//! Sequences on real servers: carried over, carried back, and what keeps them from it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the scene is part of the tests, which clippy only sees in functions marked so"
)]

mod scene;

use cutover_core::database::Side::{self, Source, Target};
use cutover_core::database::sequences::{Position, Sequence};
use cutover_postgres::sequences::{Moved, carry, read};
use scene::Scene;

const MARGIN: u32 = 100;
/// Every kind: owned by a column, of an identity, of nobody, that counts down, that begins again, and with a hostile name.
const MADE: &str = "CREATE TABLE public.lines (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY);\n\
    CREATE SEQUENCE public.\"free; DROP \"\"it\";\n\
    CREATE SEQUENCE public.down INCREMENT -3 START -1 MINVALUE -100000;\n\
    CREATE SEQUENCE public.ring MAXVALUE 1000 CYCLE;\n\
    CREATE SEQUENCE public.untouched;\n\
    CREATE TABLE public.falling (id bigint PRIMARY KEY DEFAULT nextval('public.down'));\n\
    ALTER SEQUENCE public.down OWNED BY public.falling.id;\n\
    CREATE SCHEMA awsdms;\n\
    CREATE TABLE public.awsdms_ddl_audit (c_key bigserial PRIMARY KEY);\n\
    GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC;\n\
    GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO PUBLIC";

fn both() -> Scene {
    let scene = Scene::new(&[Source, Target]);
    for side in [Source, Target] {
        scene.sql(side, MADE);
    }
    scene
}

async fn of(scene: &Scene, side: Side) -> Vec<Sequence> {
    scene
        .ask(side, async |session| read(session).await)
        .await
        .unwrap()
}

async fn carried(scene: &Scene, from: Side, to: Side) -> Moved {
    let sequences = of(scene, from).await;
    let carried = scene.ask(to, async |session| carry(&sequences, session, MARGIN).await);
    carried.await.unwrap()
}

fn named<'a>(sequences: &'a [Sequence], name: &str) -> &'a Sequence {
    sequences.iter().find(|sequence| sequence.name == name).unwrap()
}

#[tokio::test]
async fn every_kind_of_sequence_is_read_as_it_is() {
    let scene = both();
    scene.sql(
        Source,
        "INSERT INTO public.orders (what) SELECT 'x' FROM generate_series(1, 7);\n\
        INSERT INTO public.orders (id) VALUES (500);\n\
        INSERT INTO public.falling DEFAULT VALUES;\n\
        INSERT INTO public.falling DEFAULT VALUES;\n\
        SELECT setval('public.untouched', 40, false)",
    );
    let read = of(&scene, Source).await;
    let names: Vec<&str> = read.iter().map(|sequence| sequence.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "down",
            "free; DROP \"it",
            "lines_id_seq",
            "orders_id_seq",
            "ring",
            "untouched"
        ]
    );
    let orders = named(&read, "orders_id_seq");
    assert_eq!(
        (orders.position, orders.owned, orders.max),
        (Position::Last(7), Some(500), i64::MAX)
    );
    let down = named(&read, "down");
    assert_eq!(
        (down.position, down.owned, down.increment),
        (Position::Last(-4), Some(-4), -3)
    );
    let lines = named(&read, "lines_id_seq");
    assert_eq!(
        (lines.position, lines.owned, lines.max),
        (Position::Next(1), None, i64::from(i32::MAX))
    );
    assert_eq!(named(&read, "untouched").position, Position::Next(40));
    assert!(named(&read, "ring").cycle);
}

#[tokio::test]
async fn the_target_goes_on_past_the_source_and_the_source_past_the_target() {
    let scene = both();
    scene.sql(
        Source,
        "SELECT nextval('public.orders_id_seq') FROM generate_series(1, 500);\n\
        SELECT nextval('public.\"free; DROP \"\"it\"') FROM generate_series(1, 20);\n\
        SELECT nextval('public.down') FROM generate_series(1, 10);\n\
        SELECT nextval('public.ring') FROM generate_series(1, 990)",
    );
    scene.sql(
        Target,
        "INSERT INTO public.lines OVERRIDING SYSTEM VALUE VALUES (77)",
    );
    let moved = carried(&scene, Source, Target).await;
    assert_eq!(moved.obstacles, []);
    let next = |side, name: &str| scene.sql(side, &format!("SELECT nextval('public.{name}')"));
    assert_eq!(next(Target, "orders_id_seq"), "601");
    assert_eq!(next(Target, "\"free; DROP \"\"it\""), "121");
    assert_eq!(next(Target, "down"), "-331");
    assert_eq!(next(Target, "ring"), "91");
    assert_eq!(next(Target, "lines_id_seq"), "78", "past the rows that are there");
    assert_eq!(next(Target, "untouched"), "1");
    let again = carried(&scene, Source, Target).await;
    assert_eq!(
        (again.set, again.obstacles),
        (Vec::new(), Vec::new()),
        "it is far enough"
    );
    let back = carried(&scene, Target, Source).await;
    assert_eq!(back.obstacles, []);
    assert_eq!(next(Source, "orders_id_seq"), "702");
}

#[tokio::test]
async fn where_one_cannot_go_on_none_is_set() {
    let scene = both();
    scene.sql(
        Source,
        "SELECT setval('public.lines_id_seq', 2147483600);\n\
        SELECT setval('public.orders_id_seq', 9);\n\
        CREATE SEQUENCE public.forgotten;\n\
        GRANT ALL ON public.forgotten TO PUBLIC",
    );
    let moved = carried(&scene, Source, Target).await;
    let told: Vec<String> = moved.obstacles.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "sequence public.lines_id_seq is at 2147483600 and ends at 2147483647, which is less than the margin away",
            "sequence public.forgotten is missing"
        ]
    );
    assert_eq!(moved.set, []);
    assert_eq!(
        named(&of(&scene, Target).await, "orders_id_seq").position,
        Position::Next(1)
    );
}

#[tokio::test]
async fn a_sequence_that_we_may_not_read_is_an_error_that_names_it() {
    let scene = Scene::new(&[Source]);
    scene.sql(Source, "CREATE SEQUENCE public.hidden");
    let asked = scene.ask(Source, async |session| read(session).await).await;
    assert_eq!(
        asked.unwrap_err().to_string(),
        "source: read the sequences: 42501: permission denied for sequence hidden"
    );
}

#[tokio::test]
async fn more_sequences_than_one_statement_asks_for_are_all_read() {
    let scene = Scene::new(&[Source]);
    scene.sql(
        Source,
        "DO $$ BEGIN FOR n IN 1..450 LOOP EXECUTE format('CREATE SEQUENCE public.many%s START %s', n, n); \
        END LOOP; END $$;\nGRANT ALL ON ALL SEQUENCES IN SCHEMA public TO PUBLIC",
    );
    let read = of(&scene, Source).await;
    assert_eq!(read.len(), 451);
    for number in [1, 199, 200, 201, 400, 401, 450] {
        assert_eq!(
            named(&read, &format!("many{number}")).position,
            Position::Next(number)
        );
    }
}
