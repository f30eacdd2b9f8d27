INSERT INTO "audit" VALUES(1,'2026-03-29T00:59:59.123456+00:00','site','a test','session_registered','{"content_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","files":["Bundles.csv","Fields.csv"]}','0000000000000000000000000000000000000000000000000000000000000000','b923c45fa711e25ed1424de6ea5ce9681284e964e73872288cef0202c2060af4');

INSERT INTO "audit" VALUES(2,'2026-03-29T00:59:59.123456+00:00','site','pipeline','tickets_generated','{"created":["t01","t02","t03","t04","t05"],"dropped_dependencies":[],"rewritten":[],"source_changed":[],"unchanged":0,"withdrawals_proposed":[]}','b923c45fa711e25ed1424de6ea5ce9681284e964e73872288cef0202c2060af4','b17b5f68dbdbd9f44a44adf533eaaf18c118fdd4c03e876cbd97ce5a57cd8999');

INSERT INTO "audit" VALUES(3,'2026-03-29T00:59:59.123456+00:00','site','pipeline','generation_marked','{"from_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}','b17b5f68dbdbd9f44a44adf533eaaf18c118fdd4c03e876cbd97ce5a57cd8999','cca1ff006ea28495ead1a716c74999a595ee143dd1d9a05144ac70a1223c572b');

INSERT INTO "audit" VALUES(4,'2026-03-29T00:59:59.123456+00:00','site','pipeline','validation_recorded','{"failed":[],"is_passed":true,"tested":5}','cca1ff006ea28495ead1a716c74999a595ee143dd1d9a05144ac70a1223c572b','7f0a85796f6ce6d7e48d77c275f91e89999b389ca260ee9aa93f960204a514a6');

INSERT INTO "audit" VALUES(5,'2026-03-29T00:59:59.123456+00:00','site','a test','tickets_marked_ready','{"rendered_hashes":{"t01":"9a17605dc269603cd76b10b37afb5b9d0fb4ee0e96aa899eb64e5406dfcc39f0","t02":"3ecca2d79389813b3fd1a0428534f0a84d1fbb6cfab7d15d5dbaa4058616c8c8","t03":"ce08f8031afcba32b6b9d71a058e2e579ffc227cf7310c9cc98b2b273c0b1fdc","t04":"1bb62c7918ee255dd8e6b13f29072bf4544cc4e0e1a53ee2bae610fce32df3f7","t05":"49c1595466ed3ac427bd48192daed67d595e213a8efea1975be56b5abd09938a"}}','7f0a85796f6ce6d7e48d77c275f91e89999b389ca260ee9aa93f960204a514a6','ef9a897abe67e25c1faa38fe1841d761d19f37c24bfd0105e59d493b85cb5092');

INSERT INTO "audit" VALUES(6,'2026-03-29T01:59:59.125456+00:00','site','pipeline','stage_set','{"failed_at_ticket_number":null,"from":["upload","idle"],"run_id":null,"to":["jira_export","running"]}','ef9a897abe67e25c1faa38fe1841d761d19f37c24bfd0105e59d493b85cb5092','2b011af896dbf2b13e64b66057345d1300fdc03a73575f5b51ba61a6e89ee9f1');

INSERT INTO "dependencies" VALUES('site','t01','t04','blocks','computed');

INSERT INTO "dependencies" VALUES('site','t02','t05','relates','computed');

INSERT INTO "dependencies" VALUES('site','t03','t01','blocks','computed');

INSERT INTO "dependencies" VALUES('site','t03','t02','blocks','computed');

INSERT INTO "dependencies" VALUES('site','t05','t03','blocks','computed');

INSERT INTO "dependencies" VALUES('site','t05','t02','relates','computed');

INSERT INTO "findings" VALUES('site',0,'error','blank_status','Bundles.csv',9,9,'X','ü – “quoted”','The status is blank.','Fill it in.');

INSERT INTO "findings" VALUES('site',1,'warning','blank_status','Bundles.csv',4,4,'X','ü – “quoted”','The status is blank.','Fill it in.');

INSERT INTO "installation" VALUES(1,'1d0a26d1-c073-4e4f-8f06-3ff8e163983e');

INSERT INTO "ledger" VALUES(1,'2026-03-29T01:59:59.129456+00:00','4e87cf7a-7f0a-54a3-94d2-e20ec1952e89/10000','site','t02','issue','intent','499385c9-3682-5769-a9f5-6fd48788a50a',1,0,NULL,NULL,'','{"rendered_hash":"3ecca2d79389813b3fd1a0428534f0a84d1fbb6cfab7d15d5dbaa4058616c8c8","revision":1,"content_sha256":"","is_body_attached":false}');

INSERT INTO "ledger" VALUES(2,'2026-03-29T01:59:59.131456+00:00','4e87cf7a-7f0a-54a3-94d2-e20ec1952e89/10000','site','t02','issue','receipt','499385c9-3682-5769-a9f5-6fd48788a50a',1,NULL,'10001','SBX-1','',NULL);

INSERT INTO "ledger" VALUES(3,'2026-03-29T01:59:59.134456+00:00','4e87cf7a-7f0a-54a3-94d2-e20ec1952e89/10000','site','t04','issue','intent','a71b2602-d669-51fb-9e31-4a9ad00f1801',1,1,NULL,NULL,'','{"rendered_hash":"1bb62c7918ee255dd8e6b13f29072bf4544cc4e0e1a53ee2bae610fce32df3f7","revision":1,"content_sha256":"","is_body_attached":false}');

INSERT INTO "revisions" VALUES('t01',1,'generated','Create content type 1','<p>As an editor …</p>','<p>It holds people.</p>','<p>Which?</p>','<ul><li>It exists.</li></ul>','','[{"file":"Bundles.csv","line":2,"column":"Description","quote":"tbd","question":"What is it for?","subjects":["bio"],"proposed_by":"","suggested_answer":"","suggested_because":""}]','2-6','template/1','template/1','2026-03-29T00:59:59.123456+00:00','41220f7a78e88ddea57f8b87d9648f5f64b5f5712fb5e12119514c01edcb95be',NULL,NULL,'','[]');

INSERT INTO "revisions" VALUES('t02',1,'generated','Create content type 2','<p>As an editor …</p>','<p>It holds people.</p>','<p>Which?</p>','<ul><li>It exists.</li></ul>','','[{"file":"Bundles.csv","line":2,"column":"Description","quote":"tbd","question":"What is it for?","subjects":["bio"],"proposed_by":"","suggested_answer":"","suggested_because":""}]','2-6','template/1','template/1','2026-03-29T00:59:59.123456+00:00','6612e1b70d044975f642e6a7d25ee61357d0c3743c411831733473e12077a0cb',NULL,NULL,'','[]');

INSERT INTO "revisions" VALUES('t03',1,'generated','Create content type 3','<p>As an editor …</p>','<p>It holds people.</p>','<p>Which?</p>','<ul><li>It exists.</li></ul>','','[{"file":"Bundles.csv","line":2,"column":"Description","quote":"tbd","question":"What is it for?","subjects":["bio"],"proposed_by":"","suggested_answer":"","suggested_because":""}]','2-6','template/1','template/1','2026-03-29T00:59:59.123456+00:00','a15ba96a8fa06f1bb749763dd1905eb3daeba461bf50e082207dc10c1a363e3d',NULL,NULL,'','[]');

INSERT INTO "revisions" VALUES('t04',1,'generated','Create content type 4','<p>As an editor …</p>','<p>It holds people.</p>','<p>Which?</p>','<ul><li>It exists.</li></ul>','','[{"file":"Bundles.csv","line":2,"column":"Description","quote":"tbd","question":"What is it for?","subjects":["bio"],"proposed_by":"","suggested_answer":"","suggested_because":""}]','2-6','template/1','template/1','2026-03-29T00:59:59.123456+00:00','c90acc1fd973f9443f14c3a7a993d4b44e39574b19651f9066215b6654a0fa5b',NULL,NULL,'','[]');

INSERT INTO "revisions" VALUES('t05',1,'generated','Create content type 5','<p>As an editor …</p>','<p>It holds people.</p>','<p>Which?</p>','<ul><li>It exists.</li></ul>','','[{"file":"Bundles.csv","line":2,"column":"Description","quote":"tbd","question":"What is it for?","subjects":["bio"],"proposed_by":"","suggested_answer":"","suggested_because":""}]','2-6','template/1','template/1','2026-03-29T00:59:59.123456+00:00','2a547dd8077c36f189e10ae17f13df7b49b9ce483a1c723a83b7478e1de907af',NULL,NULL,'','[]');

INSERT INTO "sessions" VALUES('site','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','site/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','{"site_name":"Käsekuchen","site_description":"","jira_project_key":null,"issue_type":null,"parent":null,"writer":null,"auto_approve":false,"as_new":false,"include_waiting":false,"removals":true,"people":{"ab":"ab@example.org"},"columns":{},"defaults":{"assignee":null,"sprint":null,"priority":null,"labels":["one","two"]}}','jira_export','running','2026-03-29T00:59:59.123456+00:00','2026-03-29T01:59:59.132456+00:00','2026-03-29T00:59:59.123456+00:00','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','2026-03-29T00:59:59.123456+00:00',NULL,NULL,20.0,'Creating ticket 2 of 5: Create content type 4',NULL,NULL,NULL,NULL,2,NULL,'{"ticket_id":"t04","ticket_title":"Create content type 4","done":1,"failed":0,"total":5,"remaining_seconds":2.5,"entity_group":null,"entities_in_group":null}','[]');

INSERT INTO "source_files" VALUES('site','Fields.csv','bundle',3,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',120,'utf-8',',');

INSERT INTO "source_files" VALUES('site','Bundles.csv','bundle',3,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',120,'utf-8',',');

INSERT INTO "targets" VALUES('4e87cf7a-7f0a-54a3-94d2-e20ec1952e89/10000','4e87cf7a-7f0a-54a3-94d2-e20ec1952e89','http://127.0.0.1:8765','10000','SBX',1,'2026-03-29T01:59:59.124456+00:00','2026-03-29T01:59:59.124456+00:00');

INSERT INTO "tickets" VALUES('t01','site',1,'bundle:Content type/b1','Content','create',1,'[{"file":"Bundles.csv","lines":[2,3]}]',NULL,NULL,'High','["drupal"]',NULL,'9a17605dc269603cd76b10b37afb5b9d0fb4ee0e96aa899eb64e5406dfcc39f0','a test',NULL,NULL,'[]','[]',NULL,NULL,'');

INSERT INTO "tickets" VALUES('t02','site',2,'bundle:Content type/b2','Content','create',1,'[{"file":"Bundles.csv","lines":[2,3]}]','ada@sandbox.example',NULL,'High','["drupal"]',NULL,'3ecca2d79389813b3fd1a0428534f0a84d1fbb6cfab7d15d5dbaa4058616c8c8','a test',NULL,NULL,'[]','[]',NULL,NULL,'');

INSERT INTO "tickets" VALUES('t03','site',3,'bundle:Content type/b3','Content','create',1,'[{"file":"Bundles.csv","lines":[2,3]}]',NULL,NULL,'High','["drupal"]',NULL,'ce08f8031afcba32b6b9d71a058e2e579ffc227cf7310c9cc98b2b273c0b1fdc','a test',NULL,NULL,'[]','[]',NULL,NULL,'');

INSERT INTO "tickets" VALUES('t04','site',4,'bundle:Content type/b4','Content','create',1,'[{"file":"Bundles.csv","lines":[2,3]}]',NULL,NULL,'High','["drupal","content"]',NULL,'1bb62c7918ee255dd8e6b13f29072bf4544cc4e0e1a53ee2bae610fce32df3f7','a test',NULL,NULL,'[]','[]',NULL,NULL,'');

INSERT INTO "tickets" VALUES('t05','site',5,'bundle:Content type/b5','Content','create',1,'[{"file":"Bundles.csv","lines":[2,3]}]',NULL,NULL,'High','["drupal"]',NULL,'49c1595466ed3ac427bd48192daed67d595e213a8efea1975be56b5abd09938a','a test',NULL,NULL,'[]','[]',NULL,NULL,'');

INSERT INTO "validation_results" VALUES(1,0,'t01','Create content type 1',1,'9a17605dc269603cd76b10b37afb5b9d0fb4ee0e96aa899eb64e5406dfcc39f0',100,0,'','',0,'none',NULL,NULL,'[]');

INSERT INTO "validation_results" VALUES(1,1,'t02','Create content type 2',1,'3ecca2d79389813b3fd1a0428534f0a84d1fbb6cfab7d15d5dbaa4058616c8c8',100,0,'','',0,'none',NULL,NULL,'[]');

INSERT INTO "validation_results" VALUES(1,2,'t03','Create content type 3',1,'ce08f8031afcba32b6b9d71a058e2e579ffc227cf7310c9cc98b2b273c0b1fdc',100,0,'','',0,'none',NULL,NULL,'[]');

INSERT INTO "validation_results" VALUES(1,3,'t04','Create content type 4',1,'1bb62c7918ee255dd8e6b13f29072bf4544cc4e0e1a53ee2bae610fce32df3f7',100,0,'','',0,'none',NULL,NULL,'[]');

INSERT INTO "validation_results" VALUES(1,4,'t05','Create content type 5',1,'49c1595466ed3ac427bd48192daed67d595e213a8efea1975be56b5abd09938a',100,0,'','',0,'none',NULL,NULL,'[]');

INSERT INTO "validations" VALUES(1,'site','2026-03-29T00:59:59.123456+00:00',NULL,NULL);
