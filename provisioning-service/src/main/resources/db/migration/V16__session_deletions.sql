-- What a broker is still deleting for an event: sessions that nobody can use any more. A row goes when the broker says that they are gone.
create table broker_deletion (
  event     bigint not null,
  node      varchar(128) not null,
  sessions  integer not null,
  primary key (event, node)
);
