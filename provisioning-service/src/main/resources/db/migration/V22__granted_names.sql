-- DNS names and addresses that a token gives to the certificate, such as "dns:web-1.plant.example ip:10.1.2.3"; null for none.
alter table enrolment_token add column names varchar(8192);
