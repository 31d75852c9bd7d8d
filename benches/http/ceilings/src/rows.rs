//! `rows`: every row of a database as a line of JSON, so that what a request wrote is the difference of two of these.

use serde_json::{Value, json};

use crate::arguments::{Arguments, Doing as _, Outcome};
use crate::link::Link;

/// What `rows` takes.
pub const ROWS: &[&str] = &["database"];

/// diesel's own table is no content.
const OWN: &str = "__diesel_schema_migrations";

/// First a line for each table, in the order in which they were made, then a line for each row.
pub fn rows(arguments: &Arguments) -> Outcome<()> {
    let mut link = Link::open(arguments.need("database")?)?;
    let tables = if link.is_sqlite() {
        link.lines(&format!(
            "select json_object('name', s.name, 'virtual', json(iif(l.type = 'virtual', 'true', 'false'))) as line
             from pragma_table_list as l join sqlite_master as s on s.name = l.name and s.type = 'table'
             where l.schema = 'main' and l.type <> 'shadow' and s.name not like 'sqlite\\_%' escape '\\'
               and s.name <> '{OWN}'
             order by s.rowid"
        ))?
    } else {
        link.lines(&format!(
            "select json_build_object('name', c.relname, 'virtual', false)::text as line
             from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
               and c.relname <> '{OWN}'
             order by c.oid"
        ))?
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for table in tables {
        write_table(&mut link, &table, &mut out)?;
    }
    Ok(())
}

fn write_table(link: &mut Link, table: &str, out: &mut impl std::io::Write) -> Outcome<()> {
    let table: Value = serde_json::from_str(table).doing("a table")?;
    let name = table["name"].as_str().unwrap_or_default();
    let sqlite = link.is_sqlite();
    // Generated columns are left out: the engine writes them.
    let columns = if sqlite {
        link.lines(&format!(
            "select json_object('name', x.name, 'type', lower(x.type), 'key', x.pk, 'references', f.\"table\") as line
             from pragma_table_xinfo('{name}') as x
             left join pragma_foreign_key_list('{name}') as f on f.\"from\" = x.name
             where x.hidden = 0 order by x.cid"
        ))?
    } else {
        link.lines(&format!(
            "select json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                    'key', coalesce(array_position(i.indkey::int2[], a.attnum), -1) + 1,
                    'references', (select f.confrelid::regclass::text from pg_constraint f
                                   where f.conrelid = a.attrelid and f.contype = 'f' and f.conkey = array[a.attnum]
                                   limit 1))::text as line
             from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
             where a.attrelid = 'public.\"{name}\"'::regclass and a.attnum > 0 and not a.attisdropped
               and a.attgenerated = ''
             order by a.attnum"
        ))?
    };
    let columns: Result<Vec<Value>, _> = columns
        .iter()
        .map(|column| serde_json::from_str(column))
        .collect();
    let columns = columns.doing("a column")?;
    let told = json!({ "table": name, "virtual": table["virtual"], "columns": columns });
    writeln!(out, "{told}").doing("writing")?;
    if table["virtual"] == true {
        return Ok(());
    }
    let values: Vec<_> = columns
        .iter()
        .filter_map(|column| column["name"].as_str())
        .map(|column| {
            if sqlite {
                format!("json_array(typeof(\"{column}\"), iif(typeof(\"{column}\") = 'blob', hex(\"{column}\"), \"{column}\"))")
            } else {
                format!("\"{column}\"::text")
            }
        })
        .collect();
    let make = if sqlite { "json_array" } else { "json_build_array" };
    let cast = if sqlite { "" } else { "::text" };
    let sql = format!(
        "select {make}({}){cast} as line from \"{name}\"",
        values.join(", ")
    );
    for line in link.lines(&sql)? {
        writeln!(out, "{name}\t{line}").doing("writing")?;
    }
    Ok(())
}
