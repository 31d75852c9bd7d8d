//! Pages of sorted lists: what stands before or after a position, in which order, and what the page is then.

use std::cmp::Ordering;
use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, Text};
use masthead_domain::error::StorageError;
use masthead_domain::page::{Cursor, Direction, Page, PageRequest, Position, SortValue};

use crate::error::Failure;
use crate::types::{Id, Micros, Moment, RowId};

/// A column to sort by, checked to exist, as the text that names it in a query.
macro_rules! sorted_by {
    ($table:ident :: $column:ident) => {{
        // The compiler reads this name, the database the other.
        let _ = $table::$column;
        concat!("\"", stringify!($table), "\".\"", stringify!($column), "\"")
    }};
}
pub(crate) use sorted_by;

/// A sorted list with the part of it that is wanted: gives its queries their filter, order and limit.
#[derive(Debug, Clone)]
pub(crate) struct Keyset {
    columns: Vec<(&'static str, Direction)>,
    position: Option<Bounds>,
    backward: bool,
    limit: usize,
}

/// The position a page begins at.
#[derive(Debug, Clone)]
struct Bounds {
    values: Vec<Bound>,
}

#[derive(Debug, Clone)]
enum Bound {
    Text(String),
    Moment(Micros),
    Number(i64),
    Id(RowId),
}

impl Keyset {
    /// Reads a request; `column` names the column of each field, `id` that of the id.
    pub(crate) fn new<F: Copy>(
        request: &PageRequest<F>,
        column: impl Fn(F) -> &'static str,
        id: &'static str,
    ) -> Result<Self, Failure> {
        let mut columns: Vec<_> = request
            .sort
            .iter()
            .map(|key| (column(key.field), key.direction))
            .collect();
        let last = columns
            .last()
            .map_or(Direction::Ascending, |(_, direction)| *direction);
        columns.push((id, last));
        let position = match &request.cursor {
            Some(Cursor::After(position) | Cursor::Before(position)) => {
                Some(bounds(position, columns.len())?)
            }
            None => None,
        };
        let backward = matches!(request.cursor, Some(Cursor::Before(_)));
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        Ok(Self {
            columns,
            position,
            backward,
            limit,
        })
    }

    /// What stands beyond the position.
    pub(crate) fn filter<Table>(&self) -> Beyond<Table> {
        Beyond(self.clone(), PhantomData)
    }

    /// The order of the query: that of the list, or its reverse when the page ends at the position.
    pub(crate) fn order<Table>(&self) -> Order<Table> {
        Order(self.clone(), PhantomData)
    }

    /// One row more than wanted, which tells whether there are others.
    pub(crate) fn limit(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// The direction a column is walked in.
    fn walked(&self, direction: Direction) -> Direction {
        match (self.backward, direction) {
            (false, direction) => direction,
            (true, Direction::Ascending) => Direction::Descending,
            (true, Direction::Descending) => Direction::Ascending,
        }
    }

    /// Which of two rows comes first on the way of the query.
    pub(crate) fn compare(&self, one: &Position, other: &Position) -> Ordering {
        let directions = self.columns.iter().map(|(_, direction)| self.walked(*direction));
        let values = one.values.iter().zip(&other.values);
        let keys = values.map(|(one, other)| value_order(one, other));
        keys.chain([one.id.cmp(&other.id)])
            .zip(directions)
            .map(|(order, direction)| match direction {
                Direction::Ascending => order,
                Direction::Descending => order.reverse(),
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// The page of the rows found, in the order of the list.
    pub(crate) fn page<R>(
        &self,
        mut rows: Vec<R>,
        total: Option<i64>,
        at: impl Fn(&R) -> Position,
    ) -> Page<R> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        if self.backward {
            rows.reverse();
        }
        // Where one comes from there was a row, whether or not it is still there.
        let came = self.position.is_some();
        let (before, after) = if self.backward { (more, came) } else { (came, more) };
        Page {
            next: rows.last().filter(|_| after).map(&at),
            previous: rows.first().filter(|_| before).map(&at),
            items: rows,
            total: total.map(crate::row::total),
        }
    }
}

/// The order of two values of one column, as both engines have it.
fn value_order(one: &SortValue, other: &SortValue) -> Ordering {
    match (one, other) {
        (SortValue::Text(one), SortValue::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
        (SortValue::Instant(one), SortValue::Instant(other)) => one.cmp(other),
        (SortValue::Number(one), SortValue::Number(other)) => one.cmp(other),
        // One column holds one kind of value.
        _ => Ordering::Equal,
    }
}

fn bounds(position: &Position, columns: usize) -> Result<Bounds, Failure> {
    if position.values.len() + 1 != columns {
        let context = "reading a page".to_owned();
        let source = "the position does not fit the sort order".into();
        return Err(StorageError::Database { context, source }.into());
    }
    let mut values: Vec<_> = position
        .values
        .iter()
        .map(|value| match value {
            SortValue::Text(text) => Bound::Text(crate::row::bindable(text)),
            SortValue::Instant(instant) => Bound::Moment(Micros::from(*instant)),
            SortValue::Number(number) => Bound::Number(*number),
        })
        .collect();
    values.push(Bound::Id(RowId(position.id)));
    Ok(Bounds { values })
}

/// `a > x or (a = x and (b < y or (b = y and …)))` over the columns of a list; everything without a position.
#[derive(Debug, Clone)]
pub(crate) struct Beyond<Table>(Keyset, PhantomData<Table>);

/// The columns of a list with their directions.
#[derive(Debug, Clone)]
pub(crate) struct Order<Table>(Keyset, PhantomData<Table>);

impl<Table> Expression for Beyond<Table> {
    type SqlType = Bool;
}

impl<Table> Expression for Order<Table> {
    type SqlType = Bool;
}

impl<Table> AppearsOnTable<Table> for Beyond<Table> {}
impl<Table> AppearsOnTable<Table> for Order<Table> {}

impl<Table> ValidGrouping<()> for Beyond<Table> {
    type IsAggregate = diesel::expression::is_aggregate::No;
}

impl<Table> ValidGrouping<()> for Order<Table> {
    type IsAggregate = diesel::expression::is_aggregate::No;
}

// The text depends on the request.
impl<Table> QueryId for Beyond<Table> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Table> QueryId for Order<Table> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Table, DB> QueryFragment<DB> for Beyond<Table>
where
    DB: Backend + HasSqlType<Moment> + HasSqlType<Id>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    Micros: ToSql<Moment, DB>,
    RowId: ToSql<Id, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(position) = &self.0.position else {
            out.push_sql("1 = 1");
            return Ok(());
        };
        let mut open = 0;
        let keys = self.0.columns.iter().zip(&position.values).enumerate();
        for (index, ((column, direction), value)) in keys {
            let is_last = index + 1 == self.0.columns.len();
            let beyond = match self.0.walked(*direction) {
                Direction::Ascending => ">",
                Direction::Descending => "<",
            };
            if !is_last {
                // The first half alone lets an index find the beginning: `a >= x and (a > x or …)`.
                out.push_sql(&format!("({column} {beyond}= "));
                bind(&mut out, value)?;
                out.push_sql(" and (");
                open += 2;
            }
            out.push_sql(&format!("{column} {beyond} "));
            bind(&mut out, value)?;
            if !is_last {
                out.push_sql(" or ");
            }
        }
        out.push_sql(&")".repeat(open));
        Ok(())
    }
}

fn bind<'b, DB>(out: &mut AstPass<'_, 'b, DB>, value: &'b Bound) -> QueryResult<()>
where
    DB: Backend + HasSqlType<Moment> + HasSqlType<Id>,
    String: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
    Micros: ToSql<Moment, DB>,
    RowId: ToSql<Id, DB>,
{
    match value {
        Bound::Text(text) => out.push_bind_param::<Text, _>(text),
        Bound::Moment(micros) => out.push_bind_param::<Moment, _>(micros),
        Bound::Number(number) => out.push_bind_param::<BigInt, _>(number),
        Bound::Id(id) => out.push_bind_param::<Id, _>(id),
    }
}

impl<Table, DB: Backend> QueryFragment<DB> for Order<Table> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for (index, (column, direction)) in self.0.columns.iter().enumerate() {
            let order = match self.0.walked(*direction) {
                Direction::Ascending => "asc",
                Direction::Descending => "desc",
            };
            let comma = if index == 0 { "" } else { ", " };
            out.push_sql(&format!("{comma}{column} {order}"));
        }
        Ok(())
    }
}

/// Loads one page of a list: `$filtered` makes the filtered query, for the rows and for their number alike.
macro_rules! load_page {
    ($c:ident, $table:ident, $request:expr, $keyset:expr, $row:ty, $filtered:expr) => {{
        let filtered = $filtered;
        let total: Option<i64> = if $request.count {
            Some(filtered().select(diesel::dsl::count_star()).get_result($c)?)
        } else {
            None
        };
        let rows: Vec<$row> = filtered()
            .filter($keyset.filter::<$table::table>())
            .order($keyset.order::<$table::table>())
            .limit($keyset.limit())
            .select(<$row>::as_select())
            .load($c)?;
        Ok::<_, $crate::error::Failure>((rows, total))
    }};
}
pub(crate) use load_page;

#[cfg(test)]
mod tests {
    use super::*;
    use masthead_domain::page::SortKey;

    fn request(cursor: Option<Cursor>, directions: &[Direction]) -> PageRequest<usize> {
        let sort = directions
            .iter()
            .enumerate()
            .map(|(field, &direction)| SortKey { field, direction })
            .collect();
        PageRequest {
            sort,
            limit: 2,
            cursor,
            count: false,
        }
    }

    fn keyset(request: &PageRequest<usize>) -> Keyset {
        Keyset::new(request, |field| ["a", "b"][field], "id").unwrap()
    }

    fn position(values: usize) -> Position {
        Position {
            values: vec![SortValue::Number(1); values],
            id: uuid::Uuid::from_u128(9),
            as_of: None,
        }
    }

    fn sql(fragment: &impl QueryFragment<diesel::pg::Pg>) -> String {
        let text = diesel::debug_query::<diesel::pg::Pg, _>(fragment).to_string();
        text.split(" -- ").next().unwrap().to_owned()
    }

    #[test]
    fn a_position_is_compared_key_by_key() {
        let request = request(
            Some(Cursor::After(position(2))),
            &[Direction::Descending, Direction::Ascending],
        );
        let keyset = keyset(&request);
        let expected = "(a <= $1 and (a < $2 or (b >= $3 and (b > $4 or id > $5))))";
        assert_eq!(sql(&keyset.filter::<()>()), expected);
        assert_eq!(sql(&keyset.order::<()>()), "a desc, b asc, id asc");
    }

    #[test]
    fn backward_turns_every_direction() {
        let request = request(Some(Cursor::Before(position(1))), &[Direction::Descending]);
        let keyset = keyset(&request);
        assert_eq!(sql(&keyset.filter::<()>()), "(a >= $1 and (a > $2 or id > $3))");
        assert_eq!(sql(&keyset.order::<()>()), "a asc, id asc");
        let page = keyset.page(vec![3, 2, 1], None, |_| position(1));
        assert_eq!(page.items, [2, 3]);
        assert!(page.next.is_some() && page.previous.is_some());
    }

    #[test]
    fn rows_are_compared_as_the_query_sorts_them() {
        let at = |text: &str, number: i64, id: u128| Position {
            values: vec![SortValue::Text(text.to_owned()), SortValue::Number(number)],
            id: uuid::Uuid::from_u128(id),
            as_of: None,
        };
        let directions = [Direction::Descending, Direction::Ascending];
        let forward = keyset(&request(None, &directions));
        let mut rows = vec![at("a", 1, 1), at("b", 2, 1), at("b", 1, 2), at("b", 1, 1)];
        rows.sort_by(|one, other| forward.compare(one, other));
        let order = [at("b", 1, 1), at("b", 1, 2), at("b", 2, 1), at("a", 1, 1)];
        assert_eq!(rows, order);
        let backward = keyset(&request(Some(Cursor::Before(position(2))), &directions));
        rows.sort_by(|one, other| backward.compare(one, other));
        assert!(rows.iter().rev().eq(&order));
    }

    #[test]
    fn a_page_points_where_there_is_more() {
        let first =
            keyset(&request(None, &[Direction::Ascending])).page(vec![1, 2, 3], Some(3), |_| position(1));
        assert_eq!((first.items, first.total), (vec![1, 2], Some(3)));
        assert!(first.next.is_some() && first.previous.is_none());
        let last = request(Some(Cursor::After(position(1))), &[Direction::Ascending]);
        let last = keyset(&last).page(vec![3], None, |_| position(1));
        assert!(last.next.is_none() && last.previous.is_some());
        let beyond = request(Some(Cursor::After(position(1))), &[Direction::Ascending]);
        let beyond = keyset(&beyond).page(Vec::<i32>::new(), None, |_| position(1));
        assert!(beyond.next.is_none() && beyond.previous.is_none());
    }

    #[test]
    fn a_position_of_another_order_is_refused() {
        let request = request(Some(Cursor::After(position(2))), &[Direction::Ascending]);
        assert!(Keyset::new(&request, |_| "a", "id").is_err());
    }
}
