use proptest::prelude::*;

use super::*;
use crate::domain::{
    board::Board,
    gathering::{Gathering, Visibility},
    version::NodeId,
};

const HEADER: &str = "id,name,place,nation,venue,kind,lat,lon,expected,visibility,joins\n";
const EXAMPLE: &[u8] = include_bytes!("../../../tests/data/gatherings.csv");
const DEMONSTRATION: &[u8] = include_bytes!("../../../tests/data/programmes.csv");

fn node() -> NodeId {
    "here".parse().unwrap()
}

fn import(board: &mut Board, list: &List) -> Diff {
    let diff = Diff::between(board.gatherings(), list).unwrap();
    for fact in diff.facts(board, &node()) {
        let _ = board.merge(fact);
    }
    diff
}

fn read(text: &str) -> List {
    parse(text.as_bytes()).unwrap()
}

fn rejected(row: &str) -> String {
    let list = read(&format!("{HEADER}{row}\n"));
    assert_eq!((list.rows.len(), list.rejects.len(), list.rejects[0].line), (0, 1, 2), "{row}");
    list.rejects[0].reasons.join(" | ")
}

fn gathering<'b>(board: &'b Board, slug: &str) -> &'b Gathering {
    board.gathering(&slug.parse().unwrap()).unwrap()
}

#[test]
fn the_example_list_is_all_new_once_and_then_changes_nothing() {
    let (mut board, list) = (Board::default(), parse(EXAMPLE).unwrap());
    let first = import(&mut board, &list);
    assert_eq!((first.new.len(), first.rejected.len(), first.warnings.len()), (138, 0, 0));
    let london = gathering(&board, "london");
    assert_eq!(london.point.map(|p| (p.lat_e6, p.lon_e6)), Some((51_508_500, -125_700)));
    assert_eq!((london.expected, london.visibility, london.joins), (Some(2_000), Visibility::Listed, true));
    let again = Diff::between(board.gatherings(), &list).unwrap();
    assert_eq!(again.unchanged, 138);
    assert_eq!(again.facts(&board, &node()), []);
}

#[test]
fn a_list_from_any_spreadsheet_reads_the_same() {
    let comma = read("id,name,place,lat,lon\nbath,\"Bath, rally\",Bath,51.38,-2.36\n");
    for other in [
        "\u{feff}id,name,place,lat,lon\r\nbath,\"Bath, rally\",Bath,51.38,-2.36\r\n",
        "ID;Name;PLACE;lat;lon\nbath;Bath, rally;Bath;51,38;-2,36\n;;;;\n",
        "\"id\"\t\"name\"\t\"place\"\t\"lat\"\t\"lon\"\nbath\tBath, rally\t Bath \t51.38\t-2.36",
    ] {
        assert_eq!(read(other), comma, "{other}");
    }
    let turned = read("lon,place,name,lat,id\n-2.36,Bath,\"Bath, rally\",51.38,bath\n");
    assert_eq!(turned, comma);
}

#[test]
fn every_fault_of_a_row_is_named_in_plain_words() {
    for (row, said) in [
        ("Bath,Bath,Bath,,,,,,,,", "\"Bath\" is not a gathering's id"),
        (",Bath,Bath,,,,,,,,", "id is empty"),
        ("bath,,Bath,,,,,,,,", "name is empty"),
        ("bath,Bath,,,,,,,,,", "place is empty"),
        ("bath,Bath,Bath,,,,91,0,,,", "lat 91 is out of range; it lies between -90 and 90"),
        ("bath,Bath,Bath,,,,51.4,-180.1,,,", "lon -180.1 is out of range"),
        ("bath,Bath,Bath,,,,51.4N,2,,,", "lat \"51.4N\" is not a number of degrees"),
        ("bath,Bath,Bath,,,,NaN,2,,,", "lat \"NaN\" is not a number"),
        ("bath,Bath,Bath,,,,51.4,,,,", "only one of lat and lon"),
        ("bath,Bath,Bath,,,,,,many,,", "expected \"many\" is not a whole number"),
        ("bath,Bath,Bath,,,,,,-5,,", "expected \"-5\" is not a whole number"),
        ("bath,Bath,Bath,,,,,,99999999999,,", "is not a whole number up to 10000000"),
        ("bath,Bath,Bath,,,,,,,secret,", "visibility \"secret\" is not one of"),
        ("bath,Bath,Bath,,,,,,,,maybe", "joins \"maybe\" is not yes or no"),
        ("bath,Bath", "the row has 2 cells where the header has 11"),
        ("bath,\"Bath\nspa\",Bath,,,,,,,,", "name holds a line break"),
    ] {
        assert!(rejected(row).contains(said), "{row}: {}", rejected(row));
    }
    let long = format!("bath,{},Bath,,,,,,,,", "é".repeat(121));
    assert_eq!(rejected(&long), "name has 121 characters; at most 120 fit");
    let both = rejected("Bath,,Bath,,,,,,x,,");
    assert_eq!(both.matches(" | ").count(), 2, "all of them at once: {both}");
}

#[test]
fn line_numbers_are_those_of_the_file() {
    let list = read("id,name,place\n\nbath,\"Bath\",Bath\n,,\nBAD,x,x\n\n\nyork,\"two\nlines\",York\nhull,,Hull");
    assert_eq!(list.rows.iter().map(|r| r.line).collect::<Vec<_>>(), [3]);
    assert_eq!(list.rejects.iter().map(|r| r.line).collect::<Vec<_>>(), [5, 8, 10]);
}

#[test]
fn an_id_used_twice_is_taken_from_neither_row_and_both_lines_are_named() {
    let mut board = Board::default();
    import(&mut board, &read("id,name,place\nbath,Bath,Bath\n"));
    let list = read("id,name,place\nbath,First,Bath\nyork,York,York\nbath,,Bath\n");
    let said: Vec<_> = list.rejects.iter().map(|r| (r.line, r.reasons.join("; "))).collect();
    let twice = "the id \"bath\" is used 2 times, on lines 2 and 4; keep one of them".to_owned();
    assert_eq!(said, [(2, twice.clone()), (4, format!("name is empty; {twice}"))]);
    let diff = import(&mut board, &list);
    assert_eq!((diff.new.len(), diff.missing.len()), (1, 0), "mentioned, so not missing");
    assert_eq!(gathering(&board, "bath").name, "Bath");
}

#[test]
fn a_gathering_that_leaves_the_list_is_flagged_and_comes_back_as_it_was() {
    let mut board = Board::default();
    let (both, one) = ("id,name,place\nbath,Bath,Bath\nyork,York,York\n", "id,name,place\nyork,York,York\n");
    import(&mut board, &read(both));
    let gone = import(&mut board, &read(one));
    assert_eq!((gone.missing[0].slug.as_str(), gone.missing.len(), gone.unchanged), ("bath", 1, 1));
    assert!(gathering(&board, "bath").missing);
    let still = import(&mut board, &read(one));
    assert_eq!((still.missing.len(), still.still_missing), (0, 1));
    let back = import(&mut board, &read(both));
    assert_eq!((back.returned.len(), back.unchanged), (1, 1));
    assert!(!gathering(&board, "bath").missing);
    assert_eq!(gathering(&board, "bath").version.rev, 3);
}

#[test]
fn a_change_names_its_fields_and_a_column_left_out_changes_nothing() {
    let mut board = Board::default();
    import(&mut board, &read(&format!("{HEADER}bath,Bath,Bath,England,Abbey,rally,51.38,-2.36,400,area,no\n")));
    let diff = import(&mut board, &read("id,name,place,venue,expected\nbath,Bath spa,Bath,,450\n"));
    let fields: Vec<_> =
        diff.changed[0].fields.iter().map(|f| (f.field.as_str(), f.old.as_str(), f.new.as_str())).collect();
    assert_eq!(fields, [("name", "Bath", "Bath spa"), ("venue", "Abbey", ""), ("expected", "400", "450")]);
    let bath = gathering(&board, "bath");
    assert_eq!((bath.nation.as_str(), bath.visibility, bath.joins), ("England", Visibility::Area, false));
    assert!(bath.point.is_some());
}

#[test]
fn columns_not_known_here_are_named_in_a_warning() {
    let list = read("id,name,place,hashtag,lat,\nbath,Bath,Bath,#bath,51.38,\n");
    assert_eq!(list.rows.len(), 1);
    assert_eq!(list.rows[0].point, None);
    assert!(list.warnings[0].contains("\"hashtag\""), "{:?}", list.warnings);
    assert!(list.warnings[1].contains("lat and lon"), "{:?}", list.warnings);
}

#[test]
fn a_file_that_is_no_list_is_refused_as_a_whole() {
    let said = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
    assert!(said(b"").contains("no gatherings"));
    assert!(said(b"id,name,place\n,,\n").contains("no gatherings"));
    assert!(said(b"town,when\nBath,13:00\n").contains("no column called id, name, place; it begins \"town,when\""));
    assert!(said(b"id,name,place,ID\n").contains("two columns called id"));
    assert!(said(b"id,name,place\nbath,Bath,Bath\nkoeln,K\xf6ln,K\xf6ln\n").contains("line 3 is not in UTF-8"));
    assert!(said(b"\xff\xfei\0d\0").contains("UTF-16"));
    assert!(said(&vec![b'x'; MAX_BYTES + 1]).contains("at most 8388608 are read"));
    let many: String = (0..=MAX_ROWS).map(|n| format!("g{n},Name,Place\n")).collect();
    assert!(said(format!("id,name,place\n{many}").as_bytes()).contains("more than 20000 rows"));
}

#[test]
fn a_rejection_of_ten_thousand_rows_stays_short() {
    let same = "bath,Bath,Bath\n".repeat(10_000);
    let list = read(&format!("id,name,place\n{same}"));
    let said = &list.rejects[9_999].reasons[0];
    assert_eq!(said, "the id \"bath\" is used 10000 times, on lines 2, 3, 4, 5, 6 and 9995 more; keep one of them");
}

#[test]
fn ten_thousand_gatherings_are_fine() {
    let rows: String =
        (0..10_000).map(|n| format!("g-{n},Gathering {n},Place,England,,rally,51.5,-0.1,{n}\n")).collect();
    let list = read(&format!("id,name,place,nation,venue,kind,lat,lon,expected\n{rows}"));
    let mut board = Board::default();
    assert_eq!(import(&mut board, &list).new.len(), 10_000);
    assert_eq!(import(&mut board, &list).unchanged, 10_000);
}

#[test]
fn lists_do_not_pile_up_beyond_what_can_be_kept() {
    let list = |first: usize, rows: usize| {
        let rows: String = (first..first + rows).map(|n| format!("g{n},Name,Place\n")).collect();
        read(&format!("id,name,place\n{rows}"))
    };
    let mut board = Board::default();
    import(&mut board, &list(0, MAX_ROWS));
    import(&mut board, &list(MAX_ROWS, MAX_ROWS));
    assert_eq!(board.gatherings().len(), MAX_GATHERINGS);
    let said = Diff::between(board.gatherings(), &list(MAX_GATHERINGS - 1, 3)).unwrap_err().to_string();
    assert!(said.contains("2 new gatherings, and 40000 are known; at most 40000 are kept"), "{said}");
    assert_eq!(import(&mut board, &list(0, MAX_ROWS)).returned.len(), MAX_ROWS, "what is known may still change");
}

#[test]
fn a_programme_and_access_facts_come_from_their_columns_and_a_change_of_them_is_told() {
    let mut board = Board::default();
    let header = "id,name,place,programme,access";
    let list = read(&format!("{header}\nbath,Bath,Bath,12:30 Gather; 13:00 Link arms,\"BSL, step free\"\n"));
    import(&mut board, &list);
    assert_eq!(gathering(&board, "bath").programme.to_string(), "12:30 Gather; 13:00 Link arms");
    assert_eq!(import(&mut board, &list).unchanged, 1);
    assert_eq!(import(&mut board, &read("id,name,place\nbath,Bath,Bath\n")).unchanged, 1, "columns left out");
    let diff = import(&mut board, &read(&format!("{header}\nbath,Bath,Bath,13:00 Link arms,\n")));
    let fields: Vec<_> =
        diff.changed[0].fields.iter().map(|f| (f.field.as_str(), f.old.as_str(), f.new.as_str())).collect();
    let programme = ("programme", "12:30 Gather; 13:00 Link arms", "13:00 Link arms");
    assert_eq!(fields, [programme, ("access", "step-free; bsl", "")]);
}

#[test]
fn a_programme_or_an_access_fact_that_cannot_be_read_is_rejected_by_line_and_leaves_its_gathering_alone() {
    let mut board = Board::default();
    let header = "id;name;place;programme;access";
    import(&mut board, &read(&format!("{header}\nbath;Bath;Bath;\"13:00 Link arms; 13:15 Speeches\";bsl\n")));
    let list = read(&format!("{header}\nbath;Bath;Bath;1pm Link arms;ramp\n"));
    assert_eq!(list.rejects[0].line, 2);
    let said = list.rejects[0].reasons.join(" | ");
    for part in ["\"1pm Link arms\" does not begin with a time", " | access \"ramp\" is not one of step-free, bsl"] {
        assert!(said.contains(part), "{said}");
    }
    import(&mut board, &list);
    assert_eq!(gathering(&board, "bath").programme.items().len(), 2);
}

#[test]
fn the_demonstration_list_is_whole() {
    let list = parse(DEMONSTRATION).unwrap();
    assert_eq!((list.rows.len(), list.rejects.len(), list.warnings.len()), (6, 0, 0));
    assert!(list.rows.iter().any(|row| row.joins == Some(false)));
    let example: Vec<_> = parse(EXAMPLE).unwrap().rows.into_iter().map(|row| row.slug).collect();
    assert!(list.rows.iter().all(|row| example.contains(&row.slug)), "gatherings of the example list");
}

#[test]
fn a_report_reads_back_from_json() {
    let mut board = Board::default();
    import(&mut board, &read("id,name,place\nbath,Bath,Bath\nhull,Hull,Hull\n"));
    let diff =
        Diff::between(board.gatherings(), &read("id,name,place,x\nbath,Bath spa,Bath,\nBAD,,,\nyork,York,York,\n"))
            .unwrap();
    let report = Report { applied: false, diff };
    let json = serde_json::to_string(&report).unwrap();
    let back: Report = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), json);
    assert_eq!((back.diff.new.len(), back.diff.changed.len(), back.diff.missing.len()), (1, 1, 1));
}

/// Rows as cells: few slugs, so that they collide with what is known, and odd texts.
fn any_rows() -> impl Strategy<Value = Vec<[String; 9]>> {
    let text = || prop::sample::select(vec!["", "Bath", "Köln, Dom", "say \"hi\"", ";", "a\tb", "x\ny", "  padded "]);
    let row = (0usize..12, text(), text(), text(), -100i32..100, -200i32..200, 0u32..5, any::<[bool; 2]>()).prop_map(
        |(slug, name, place, venue, lat, lon, expected, [joins, listed])| {
            [
                format!("g{slug}"),
                name.to_owned(),
                place.to_owned(),
                venue.to_owned(),
                lat.to_string(),
                lon.to_string(),
                expected.to_string(),
                if listed { "listed" } else { "area" }.to_owned(),
                if joins { "yes" } else { "no" }.to_owned(),
            ]
        },
    );
    prop::collection::vec(row, 1..12)
}

fn table(rows: &[[String; 9]]) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["id", "name", "place", "venue", "lat", "lon", "expected", "visibility", "joins"]).unwrap();
    rows.iter().for_each(|row| out.write_record(row).unwrap());
    out.into_inner().unwrap()
}

proptest! {
    #[test]
    fn what_was_applied_is_not_a_change_any_more(before in any_rows(), rows in any_rows()) {
        let mut board = Board::default();
        import(&mut board, &parse(&table(&before)).unwrap());
        let list = parse(&table(&rows)).unwrap();
        let diff = import(&mut board, &list);
        let again = Diff::between(board.gatherings(), &list).unwrap();
        prop_assert_eq!(again.facts(&board, &node()), vec![]);
        prop_assert!(again.new.is_empty() && again.changed.is_empty() && again.returned.is_empty());
        prop_assert!(again.missing.is_empty());
        prop_assert_eq!(again.rejected, diff.rejected);
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(
        before in any_rows(),
        (rows, turned) in any_rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        let mut board = Board::default();
        import(&mut board, &parse(&table(&before)).unwrap());
        let facts = |rows: &[[String; 9]]| {
            let list = parse(&table(rows)).unwrap();
            Diff::between(board.gatherings(), &list).unwrap().facts(&board, &node())
        };
        prop_assert_eq!(facts(&rows), facts(&turned));
    }

    #[test]
    fn no_bytes_make_the_reader_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..200), body in "[a-z0-9,;\"\n\r\t. é-]{0,200}") {
        let _ = parse(&bytes);
        let _ = parse(format!("id,name,place,lat,lon\n{body}").as_bytes());
    }
}
